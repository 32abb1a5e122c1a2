"""First names that are hardly ever last names, of several languages: the commonest, not all.

They tell first names from last names in a column, not in a cell. Names that are both (James, Martin, Thomas, Scott,
Kelly) are left out on purpose.
"""

from __future__ import annotations

GIVEN_NAMES = (
    # English
    "amanda", "amy", "andrea", "angela", "anna", "anne", "ann", "barbara", "betty", "brenda", "brian", "carol",
    "catherine", "christina", "christine", "christopher", "cynthia", "daniel", "deborah", "debra", "denise",
    "diana", "donna", "dorothy", "edward", "elizabeth", "emily", "emma", "evelyn", "frances", "gary", "hannah",
    "heather", "helen", "jacqueline", "jane", "janet", "jason", "jeffrey", "jennifer", "jessica", "joan", "joshua",
    "judith", "judy", "julia", "julie", "karen", "katherine", "kathleen", "kathryn", "kevin", "kimberly", "larry",
    "laura", "linda", "lisa", "lucy", "margaret", "maria", "marie", "mark", "mary", "matthew", "megan", "melissa",
    "michael", "michelle", "nancy", "nathan", "nicholas", "nicole", "olivia", "pamela", "patricia", "peter",
    "rachel", "rebecca", "richard", "robert", "ronald", "ruth", "samantha", "sandra", "sarah", "sharon", "shirley",
    "sophie", "stephanie", "stephen", "steven", "susan", "teresa", "theresa", "timothy", "victoria", "virginia",
    "william",
    # German, French, Spanish, Italian, Portuguese, Dutch, Nordic, Slavic
    "andreas", "anja", "brigitte", "christoph", "claudia", "dieter", "franziska", "gisela", "hans", "heike",
    "helga", "ingrid", "jürgen", "karin", "katharina", "klaus", "manfred", "markus", "monika", "petra", "sabine",
    "stefan", "susanne", "ursula", "uwe", "wolfgang", "antoine", "camille", "céline", "françois", "isabelle",
    "jacques", "jean", "mathilde", "monique", "nathalie", "pascal", "philippe", "pierre", "sylvie", "alejandro",
    "ana", "carlos", "carmen", "cristina", "fernando", "francisco", "javier", "jorge", "josé", "jose", "juan",
    "lucía", "luis", "manuel", "miguel", "pablo", "pedro", "pilar", "sofía", "alessandro", "chiara", "francesca",
    "giovanni", "giulia", "giuseppe", "luca", "paolo", "joão", "beatriz", "anneke", "johanna", "pieter", "willem",
    "astrid", "björn", "freja", "ingeborg", "lars", "agnieszka", "ivan", "katarzyna", "małgorzata", "natalia",
    "olga", "tatiana", "vladimir", "yekaterina",
    # Arabic, Indian, East Asian and other names, in Latin letters
    "aisha", "fatima", "mohamed", "mohammed", "muhammad", "mustafa", "yusuf", "anita", "arjun", "deepak",
    "lakshmi", "priya", "rahul", "sanjay", "sunita", "vijay", "akiko", "hiroshi", "kenji", "yuki", "mehmet",
    "ayşe",
)  # fmt: skip
