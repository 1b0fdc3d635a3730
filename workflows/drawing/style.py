"""How a drawing looks: classes, coloured by the page's own tokens, with light and dark colours where it has none."""

CSS = """
.flow{--f-ink:var(--ink,#171c20);--f-soft:var(--soft,#56616a);--f-sheet:var(--sheet,#fff);--f-sunk:var(--sunk,#f3f5f6);
--f-line:var(--line-strong,#9aa5ad);--f-accent:var(--accent,#007d74);--f-waiting:var(--waiting,#56616a);
--f-running:var(--running,#1c62bb);--f-done:var(--done,#1b7339);--f-attention:var(--attention,#8a5600);
--f-failed:var(--failed,#b3231c);font-family:var(--font,system-ui,"Segoe UI",Roboto,"Noto Sans","Noto Sans Malayalam",
"Liberation Sans",sans-serif);font-size:13px}
@media (prefers-color-scheme:dark){.flow{--f-ink:var(--ink,#e7ebee);--f-soft:var(--soft,#a2adb6);
--f-sheet:var(--sheet,#1a2025);--f-sunk:var(--sunk,#12161a);--f-line:var(--line-strong,#5f6c76);
--f-accent:var(--accent,#43c3b7);--f-waiting:var(--waiting,#a2adb6);--f-running:var(--running,#7ab2ff);
--f-done:var(--done,#69c986);--f-attention:var(--attention,#e6ae48);--f-failed:var(--failed,#ff9087)}}
.flow text{fill:var(--f-ink);stroke:none}
.flow .small,.flow .label{fill:var(--f-soft);font-size:11.5px}
.flow .label,.flow .below{font-size:12px}
.flow .kind{fill:var(--f-soft);font-size:11px}
.flow .note{fill:var(--f-ink);font-size:11.5px;font-weight:600}
.flow .box{fill:var(--f-sheet);stroke:var(--f-line);stroke-width:1.2}
.flow .stripe{fill:var(--f-line);stroke:none}
.flow .frame{fill:var(--f-sunk);fill-opacity:.55;stroke:var(--f-line);stroke-width:1.2;stroke-dasharray:6 4}
.flow .sign{fill:none;stroke:var(--f-soft);stroke-width:1.6}
.flow .edge{fill:none;stroke:var(--f-line);stroke-width:1.4}
.flow .edge.boundary{stroke-dasharray:4 3}
.flow .tip{fill:var(--f-line);stroke:none}
.flow a{text-decoration:none}
.flow a:focus-visible .box,.flow a:hover .box{stroke:var(--f-accent);stroke-width:2.4}
.flow .k-human .stripe,.flow .k-acknowledge .stripe{fill:var(--f-accent)}
.flow .is-waiting .box,.flow .is-active .box{stroke:var(--f-running);stroke-width:2.4}
.flow .is-waiting .stripe,.flow .is-active .stripe{fill:var(--f-running)}
.flow .is-waiting .note,.flow .is-active .note{fill:var(--f-running)}
.flow .is-incident .box{stroke:var(--f-failed);stroke-width:2.4}
.flow .is-incident .stripe{fill:var(--f-failed)}
.flow .is-incident .note{fill:var(--f-failed)}
.flow .is-done .box{stroke:var(--f-done)}
.flow .is-done .stripe{fill:var(--f-done)}
.flow .is-paused .box{stroke:var(--f-attention);stroke-width:2.4}
.flow .is-paused .stripe,.flow .is-paused .note{fill:var(--f-attention)}
.flow .breached .note{fill:var(--f-failed)}
.flow .heat{fill:var(--f-attention);stroke:none;fill-opacity:0}
.flow .heat-1 .heat{fill-opacity:.1}
.flow .heat-2 .heat{fill-opacity:.22}
.flow .heat-3 .heat{fill-opacity:.36}
.flow .heat-4 .heat{fill:var(--f-failed);fill-opacity:.4}
"""
