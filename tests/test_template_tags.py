"""What the template tags draw, and what a reader who cannot see the drawing is told."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template

from bonefit.clinics.models import Clinic, Membership
from bonefit.clinics.templatetags.bonefit import MARKS, initials_of, plain, tint
from bonefit.context import current_door, site

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def draw(source: str, **context: object) -> str:
    return Template("{% load bonefit %}" + source).render(Context(context))


@dataclass(frozen=True)
class Person:
    name: str
    pk: int


class EnrollForm(forms.Form):
    name = forms.CharField(help_text="As the client wants to be called")
    sex = forms.ChoiceField(
        choices=[("f", "Female"), ("m", "Male")], widget=forms.RadioSelect, help_text="At birth"
    )
    rpe = forms.ChoiceField(
        label="RPE",
        required=False,
        choices=[(str(n), str(n)) for n in range(6, 21)],
        widget=forms.RadioSelect,
    )
    load = forms.DecimalField()
    invite = forms.BooleanField(required=False, label="Invite by e-mail")


# --- marks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(MARKS))
def test_every_mark_is_a_drawing_that_readers_skip(name):
    svg = draw("{% mark name %}", name=name)
    assert svg.startswith("<svg")
    assert 'aria-hidden="true"' in svg


def test_a_mark_with_a_label_is_read_out():
    svg = draw('{% mark "hold" label=words %}', words="Held <now>")
    assert 'role="img" aria-label="Held &lt;now&gt;"' in svg
    assert "aria-hidden" not in svg


def test_a_mark_that_does_not_exist_is_refused():
    with pytest.raises(TemplateSyntaxError, match="No mark 'heart'"):
        draw('{% mark "heart" %}')


def test_a_state_is_a_mark_a_word_and_its_tone():
    html = draw('{% state "unrecorded" "Unrecorded" %}')
    assert 'class="state is-hold"' in html
    assert html.endswith("Unrecorded</span>")
    assert 'class="badge is-good"' in draw('{% badge "tick" "Attended" "good" %}')


# --- people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana R.", "AR"),
        ("Ana Maria Ruiz", "AR"),
        ("Cher", "CH"),
        ("  Öz  é.", "ÖÉ"),
        ("", "?"),
        ("7", "?"),
    ],
)
def test_initials_are_the_first_and_the_last_word(name, letters):
    assert initials_of(name) == letters


def test_a_person_keeps_the_tint_when_the_name_changes():
    assert tint(Person("Ana R.", 11)) == tint(Person("Ana Ruiz", 11)) == "p4"


def test_eight_people_in_a_row_have_eight_tints():
    assert len({tint(Person("A", pk)) for pk in range(100, 108)}) == 8


def test_a_chip_escapes_the_name_and_is_silent():
    html = draw("{% chip person %}", person=Person("<b> <i>", 3))
    assert "<b>" not in html
    assert 'aria-hidden="true"' in html


# --- tally ----------------------------------------------------------------------------------------


def strokes(html: str) -> list[str]:
    return re.findall(r'<i class="(.?)">', html)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("{% tally 0 5 %}", ["", "", "", "", ""]),
        ("{% tally 2 5 %}", ["d", "d", "", "", ""]),
        ("{% tally 2 5 next=True %}", ["d", "d", "n", "", ""]),
        ("{% tally 5 5 next=True %}", ["d", "d", "d", "d", "d"]),
        ('{% tally 3 5 short="1,3" %}', ["f", "d", "f", "", ""]),
        ("{% tally 6 5 %}", ["d"] * 6),
    ],
)
def test_a_tally_shows_done_next_short_and_to_come(call, expected):
    assert strokes(draw(call)) == expected


def test_forty_three_of_seventy_are_fourteen_groups_of_five():
    html = draw("{% tally 43 70 %}")
    assert html.count('class="tally"') == 14
    assert Counter(strokes(html)) == {"d": 43, "": 27}
    assert 'role="img" aria-label="43 of 70"' in html


def test_a_tally_beside_its_own_words_is_silent():
    assert "aria-label" not in draw('{% tally 2 5 label="" %}')


# --- loads and iron -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("57.5000"), "57.5"),
        (Decimal("60.0000"), "60"),
        (Decimal("100"), "100"),
        (Decimal("1E+2"), "100"),
        (Decimal("1.25"), "1.25"),
        (0, "0"),
        (None, ""),
        ("", ""),
        ("sixty", "sixty"),
    ],
)
def test_a_load_has_no_trailing_zeros_and_a_blank_stays_blank(value, shown):
    assert draw("{{ value|load }}", value=value) == shown


def test_a_figure_never_comes_in_exponents():
    assert plain(Decimal("2E+1")) == "20"


@dataclass(frozen=True)
class Bar:
    kg: Decimal


@dataclass(frozen=True)
class BarLoad:
    bar: Bar
    per_side: tuple[Decimal, ...]


def test_iron_prints_every_plate_and_says_it():
    loaded = BarLoad(Bar(Decimal("15.00")), (Decimal("20"), Decimal("1.2500")))
    html = draw('{% iron loaded size="l" %}', loaded=loaded)
    assert 'class="iron iron-l"' in html
    assert 'aria-label="15 kg bar, each side 20 and 1.25"' in html
    assert re.findall(r'data-kg="([^"]+)">([^<]+)<', html) == [("20", "20"), ("1.25", "1.25")]


def test_iron_takes_plain_values_too():
    assert "15 kg bar, each side 20, 5 and 0.5" in draw('{% iron bar=15 plates="20,5,0.50" %}')
    assert "20 kg bar, no plates" in draw("{% iron bar=20 %}")


def test_no_load_draws_no_iron():
    assert draw("{% iron None %}").strip() == draw("{% iron missing %}", missing=None).strip()
    assert "<span" not in draw("{% iron None %}")


def test_an_impact_level_is_said_and_drawn():
    html = draw("{% level 2 %}")
    assert 'aria-label="Impact level 2 of 5"' in html
    assert html.count("is-on") == 2
    assert html.count("level-box") == 5


# --- fields ---------------------------------------------------------------------------------------


def test_a_field_ties_label_help_and_error_to_its_control():
    form = EnrollForm({"name": ""})
    html = draw("{% field form.name %}", form=form)
    control = re.search(r"<input[^>]+>", html).group()
    assert '<label for="id_name">' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in control
    assert 'aria-invalid="true"' in control
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert "This field is required." in html


def test_a_field_keeps_what_was_typed_and_escapes_it():
    html = draw("{% field form.load %}", form=EnrollForm({"load": '5"><script>'}))
    assert 'value="5&quot;&gt;&lt;script&gt;"' in html


def test_help_given_in_the_template_is_tied_to_the_control():
    html = draw('{% field form.load help="Total on the bar" unit="kg" %}', form=EnrollForm())
    assert 'aria-describedby="id_load_helptext"' in html
    assert 'id="id_load_helptext">Total on the bar' in html
    assert "<span>kg</span>" in html


def test_further_names_become_attributes_and_false_leaves_one_out():
    html = draw(
        '{% field form.load inputmode="decimal" data_focus="yes" step=False %}', form=EnrollForm()
    )
    assert 'inputmode="decimal"' in html
    assert 'data-focus="yes"' in html
    assert "step=" not in html


def test_a_sentence_of_the_page_replaces_the_error_only_when_there_is_one():
    call = '{% field form.load wrong="Type kilograms, as in 57.5." %}'
    wrong = draw(call, form=EnrollForm({"load": "heavy"}))
    assert "Type kilograms" in wrong
    assert "Enter a number" not in wrong
    assert "Type kilograms" not in draw(call, form=EnrollForm())


def test_only_a_field_that_may_stay_empty_is_called_optional():
    form = EnrollForm()
    assert "optional" not in draw("{% field form.name %}", form=form)
    form.fields["name"].required = False
    assert "optional" in draw("{% field form.name %}", form=form)
    assert "optional" not in draw("{% field form.name optional=False %}", form=form)


def test_picks_are_real_radio_buttons_inside_their_labels():
    html = draw("{% picks form.sex %}", form=EnrollForm({"sex": "m"}))
    assert re.search(r"<fieldset[^>]+>\s*<legend", html)
    assert re.findall(r'<input type="radio" name="sex" value="(.)"', html) == ["f", "m"]
    assert re.search(r'value="m"[^>]* checked', html)
    assert 'aria-describedby="id_sex_helptext"' in html
    assert "data-may-be-blank" not in html


def test_nothing_is_picked_in_advance_and_a_blank_may_stay_blank():
    html = draw("{% picks form.rpe %}", form=EnrollForm())
    assert "checked" not in html
    assert "data-may-be-blank" in html


def test_a_radio_field_becomes_picks_by_itself():
    html = draw("{% field form.sex %}", form=EnrollForm({}))
    assert 'class="btn pick"' in html
    assert 'aria-describedby="id_sex_helptext id_sex_error"' in html


def test_the_error_summary_leads_to_each_field():
    form = EnrollForm({"load": "5"})
    form.add_error(None, "This client is enrolled already.")
    html = draw("{% error_summary form %}", form=form)
    assert 'href="#id_name"' in html
    assert 'href="#id_sex"' in html
    assert 'id="id_sex"' in draw("{% picks form.sex %}", form=form)
    assert "2 answers need another look" in html
    assert "This client is enrolled already." in html


def test_a_form_without_errors_has_no_summary():
    assert draw("{% error_summary form %}", form=EnrollForm()).strip() == ""


# --- the templates themselves ---------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_more_than_the_content_security_policy_allows(path):
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|hx-on|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "429", "500"])
def test_an_error_page_draws_without_a_request(page):
    html = get_template(f"{page}.html").render()
    assert html.count("<h1>") == 1
    assert "Log out" not in html


def test_light_and_dark_lists_have_the_same_colours():
    css = (ROOT / "static/css/tokens.css").read_text()
    dark = re.findall(r"color-scheme: dark;(.*?)\}", css, re.S)
    by_device, by_page = (re.findall(r"(--[\w-]+): ([^;]+);", block) for block in dark)
    assert by_device == by_page


# --- the navigation -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "word"),
    [
        ("sessions:today", "Today"),
        ("sessions:visit", "Today"),
        ("sessions:slot-change", "Week"),
        ("sessions:flags", "Flags"),
        ("sessions:adherence-csv", "Reports"),
        ("clients:enroll", "Clients"),
        ("programs:assign", "Clients"),
        ("editor:compare", "Programs"),
        ("account_logout", ""),
        ("", ""),
    ],
)
def test_a_page_lies_behind_one_word_of_the_navigation(view, word):
    assert current_door(view) == word


def test_a_page_outside_a_clinic_knows_no_member_and_grants_nothing(rf):
    assert site(rf.get("/")) == {"member": None, "can": frozenset()}


def test_the_navigation_has_only_what_the_member_may_do(rf):
    request = rf.get("/")
    request.resolver_match = None
    request.member = Membership(roles=["admin"], clinic=Clinic(name="Harbour", slug="harbour"))
    context = site(request)
    assert [door.word for door in context["doors"]] == [
        "Week",
        "Clients",
        "Programs",
        "Flags",
        "Reports",
        "Settings",
    ]
    assert context["roles"] == "Clinic admin"
    request.member = Membership(roles=["desk"], clinic=Clinic(name="Harbour", slug="harbour"))
    assert [door.word for door in site(request)["doors"]] == ["Week"]
    request.member = Membership(roles=["client"], clinic=Clinic(name="Harbour", slug="harbour"))
    assert site(request)["doors"] == []
