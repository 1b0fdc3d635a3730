"""How drawings and lists of steps look: coloured by the page's own tokens, in light and dark colours without them."""

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
.flow .code{font-family:var(--mono,ui-monospace,"DejaVu Sans Mono",monospace);font-size:10.5px}
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
LIST = """
.flow-views{--f-ink:var(--ink,#171c20);--f-soft:var(--soft,#56616a);--f-line:var(--line-strong,#9aa5ad);
--f-accent:var(--accent,#007d74);--f-sheet:var(--sheet,#fff);--f-running:var(--running,#1c62bb);
--f-done:var(--done,#1b7339);--f-attention:var(--attention,#8a5600);--f-failed:var(--failed,#b3231c)}
.flow-switch{display:flex;gap:0;margin:0 0 10px}
.flow-switch button{min-height:32px;padding:0 12px;border:1px solid var(--f-line);background:none;color:var(--f-soft);
font:inherit;font-size:13px;cursor:pointer;border-radius:0}
.flow-switch button:first-child{border-radius:6px 0 0 6px}
.flow-switch button:last-child{border-radius:0 6px 6px 0;border-left:0}
.flow-switch button[aria-pressed=true]{color:var(--f-ink);font-weight:600;box-shadow:inset 0 -2px var(--f-accent)}
.flow-zoom{display:flex;align-items:center;gap:4px;margin:0 0 10px}
.flow-zoom[hidden],:root[data-flow=list] .flow-zoom{display:none}
.flow-zoom button{min-width:32px;min-height:32px;padding:0 8px;border:1px solid var(--f-line);border-radius:6px;
background:none;color:var(--f-ink);font:inherit;font-size:13px;cursor:pointer}
.flow-zoom button[aria-disabled=true]{color:var(--f-soft);border-style:dashed;cursor:default}
.flow-zoom button[aria-pressed=true]{font-weight:600;box-shadow:inset 0 -2px var(--f-accent)}
.flow-zoom span{min-width:52px;text-align:center;font-size:13px;color:var(--f-soft);font-variant-numeric:tabular-nums}
.flow-picture{overflow:auto;max-height:60vh}
.flow-picture svg{max-width:none;height:auto;display:block}
.flow-list{display:none}
:root[data-flow=list] .flow-list{display:block}
:root[data-flow=list] .flow-picture{display:none}
@media(max-width:720px){:root:not([data-flow=drawing]) .flow-list{display:block}
:root:not([data-flow=drawing]) :is(.flow-picture,.flow-zoom){display:none}.flow-switch button{min-height:44px;flex:1}
.flow-zoom button{min-width:44px;min-height:44px}}
.flow-list ol,.flow-list ul{list-style:none;margin:0;padding:0}
.flow-list p{margin:0}
.flow-list p b{display:inline}
.flow-list li.step{position:relative;margin:0 0 6px;padding:8px 10px 8px 14px;border:1px solid var(--f-line);
border-left:4px solid var(--f-line);border-radius:6px;max-width:640px;background:var(--f-sheet)}
.flow-list .small{color:var(--f-soft);font-size:12px;line-height:17px}
.flow-list code{font:11.5px/17px var(--mono,ui-monospace,"DejaVu Sans Mono",monospace);overflow-wrap:anywhere}
.flow-list .as-written summary{width:fit-content;padding:4px 0;cursor:pointer}
.flow-list .as-written code{display:block}
.flow-list .mark{font-size:13px;font-weight:600}
.flow-list .standing{margin-left:4px;font-size:12px;font-weight:600;color:var(--f-soft)}
.flow-list .lane{margin:0 0 4px;font-size:12px;font-weight:600;color:var(--f-soft)}
.flow-list .lanes{margin-top:8px;display:grid;gap:8px}
.flow-list .lanes>li{padding-left:10px;border-left:2px solid var(--f-line)}
.flow-list .aside>li{border-left-style:dashed}
.flow-list li.step>ol{margin-top:8px}
.flow-list li.k-human,.flow-list li.k-acknowledge{border-left-color:var(--f-accent)}
.flow-list li.is-done{border-left-color:var(--f-done)}
.flow-list li.is-done>p .standing{color:var(--f-done)}
.flow-list li.is-waiting,.flow-list li.is-active{border-color:var(--f-running)}
.flow-list li:is(.is-waiting,.is-active)>p .standing,
.flow-list li:is(.is-waiting,.is-active)>.mark{color:var(--f-running)}
.flow-list li.is-incident{border-color:var(--f-failed)}
.flow-list li.is-incident>.mark,.flow-list li.is-incident>p .standing,
.flow-list li.breached>.mark{color:var(--f-failed)}
.flow-list li.is-paused{border-color:var(--f-attention)}
.flow-list li.is-paused>.mark,.flow-list li.is-paused>p .standing{color:var(--f-attention)}
.flow-list li.heat-1{background:color-mix(in srgb,var(--f-attention) 10%,var(--f-sheet))}
.flow-list li.heat-2{background:color-mix(in srgb,var(--f-attention) 22%,var(--f-sheet))}
.flow-list li.heat-3{background:color-mix(in srgb,var(--f-attention) 36%,var(--f-sheet))}
.flow-list li.heat-4{background:color-mix(in srgb,var(--f-failed) 34%,var(--f-sheet))}
.flow-list li[class*=heat-]>:is(.small,.mark),.flow-list [class*=heat-]>.lanes>li>:is(.lane,.small){color:var(--f-ink)}
@media print{.flow-switch,.flow-zoom{display:none}}
"""
PAGES = CSS + LIST
"""For pages that show both: the picture carries its own colours only when it stands alone."""
