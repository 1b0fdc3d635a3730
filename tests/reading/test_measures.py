"""Language and confidence: the documented rules."""

import pytest

from documents import confidence, language
from tests.reading import samples


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "und"),
        ("short", "und"),
        ("Invoice number 30064443 amount 34.73", "en"),
        ("അണക്കെട്ട്", "ml"),
        ("东北电气发展股份有限公司 归属于母公司所有者权益合计", "und"),
        ("मेट्रो रेल की सुरक्षा के लिए सूचना", "und"),
        ("la séance est levée à 16h05 et le procès-verbal de la réunion est signé par le maire de la ville", "und"),
        ("Приказ о безопасности движения поездов".encode("cp1251").decode("cp1252"), "und"),
        (samples.MALAYALAM + " KMRL", "ml"),
        (samples.MALAYALAM + samples.ENGLISH, "en+ml"),
    ],
)
def test_the_language_follows_the_shares_of_scripts(text, expected):
    assert language.of(text) == expected


def test_old_and_atomic_chillu_count_alike():
    assert language.of("അവന്\u200d പറഞ്ഞു അവള്\u200d കേട്ടു") == language.of("അവൻ പറഞ്ഞു അവൾ കേട്ടു") == "ml"


@pytest.mark.parametrize(
    "text",
    [
        samples.ENGLISH,
        samples.MALAYALAM,
        "Größe, Straße, français déjà vu « cité »",
        "assetId faultCode workOrderNo reportedBy " * 5,
        f"{'*' * 90}\n* NOTICE *\n{'=' * 90}\n{samples.ENGLISH}",
    ],
)
def test_sound_text_is_trusted(text):
    assert confidence.of_text(text) == 1.0


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("", 0.0),
        ("\ufffd" * 40, 0.0),
        ("abcdefgh\ufffd\ufffd", 0.25),
        ("\uf0b7\ue001" * 20 + "word", 0.0),
        ("tIcf¯nse BmZys¯ sat{Sm dbnÂ ]²Xn tI{µ kwØm\\ kÀ¡mcpIÄ " * 3, 0.35),
        ("sImÃw PnÃbnse hnZymÀ°nIÄ aÕc¯n ]s¦Sp¯p " * 3, 0.35),
        ("xkcd qwrt zxcv bnmp " * 20, 0.4),
    ],
)
def test_nonsense_is_not_trusted(text, most):
    assert confidence.of_text(text) <= most


def test_a_document_is_the_mean_of_its_pages_times_its_certainty():
    assert confidence.of_document([1.0, 0.0]) == 0.5
    assert confidence.of_document([1.0], certainty=0.8) == 0.8
    assert confidence.of_document([]) == 0.0
