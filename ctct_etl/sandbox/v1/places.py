"""States and countries by their codes: what the service takes as a StateCode or CountryCode [RB, D-OLDACT].

The account keeps one text for each. A text that is a code or the name of a country is shown as code and name.
"""

from collections.abc import Callable

Find = Callable[[str], str | None]
"""The code of a place by its code or name; None if it is unknown."""


def _read_table(text: str) -> dict[str, str]:
    """`CODE Name` between semicolons."""
    pairs = (part.split(" ", 1) for part in " ".join(text.split()).split("; "))
    return dict(pairs)


STATES = _read_table("""
AL Alabama; AK Alaska; AS American Samoa; AZ Arizona; AR Arkansas; AA Armed Forces (AA); AE Armed Forces (AE);
AP Armed Forces (AP); CA California; CO Colorado; CT Connecticut; DE Delaware; DC District of Columbia; FL
Florida; GA Georgia; GU Guam; HI Hawaii; ID Idaho; IL Illinois; IN Indiana; IA Iowa; KS Kansas; KY Kentucky; LA
Louisiana; ME Maine; MH Marshall Islands; MD Maryland; MA Massachusetts; MI Michigan; FM Micronesia; MN
Minnesota; MS Mississippi; MO Missouri; MT Montana; NE Nebraska; NV Nevada; NH New Hampshire; NJ New Jersey; NM
New Mexico; NY New York; NC North Carolina; ND North Dakota; MP Northern Mariana Islands; OH Ohio; OK Oklahoma;
OR Oregon; PW Palau; PA Pennsylvania; PR Puerto Rico; RI Rhode Island; SC South Carolina; SD South Dakota; TN
Tennessee; TX Texas; UT Utah; VT Vermont; VI Virgin Islands; VA Virginia; WA Washington; WV West Virginia; WI
Wisconsin; WY Wyoming; AB Alberta; BC British Columbia; MB Manitoba; NB New Brunswick; NL Newfoundland and
Labrador; NT Northwest Territories; NS Nova Scotia; NU Nunavut; ON Ontario; PE Prince Edward Island; QC Quebec;
SK Saskatchewan; YT Yukon
""")

COUNTRIES = _read_table("""
AC Ascension Island; AD Andorra; AE United Arab Emirates; AF Afghanistan; AG Antigua and Barbuda; AI Anguilla;
AL Albania; AM Armenia; AO Angola; AQ Antarctica; AR Argentina; AS American Samoa; AT Austria; AU Australia; AW
Aruba; AX Aland Islands; AZ Azerbaijan; BA Bosnia and Herzegovina; BB Barbados; BD Bangladesh; BE Belgium; BF Burkina
Faso; BG Bulgaria; BH Bahrain; BI Burundi; BJ Benin; BL Saint Barthelemy; BM Bermuda; BN Brunei
Darussalam; BO Bolivia; BQ Bonaire, Sint Eustatius, and Saba; BR Brazil; BS Bahamas; BT Bhutan; BV Bouvet
Island; BW Botswana; BY Belarus; BZ Belize; CA Canada; CC Cocos (Keeling) Islands; CD Congo (Dem. Rep.); CF
Central African Republic; CG Congo (Rep.); CH Switzerland; CI Cote D'Ivoire; CK Cook Islands; CL Chile; CM
Cameroon; CN China; CO Colombia; CR Costa Rica; CU Cuba; CV Cape Verde; CW Curacao; CX Christmas Island; CY
Cyprus; CZ Czech Republic; DE Germany; DJ Djibouti; DK Denmark; DM Dominica; DO Dominican Republic; DZ Algeria; EC
Ecuador; EE Estonia; EG Egypt; EH Western Sahara; ER Eritrea; ES Spain; ET Ethiopia; FI Finland; FJ Fiji; FK
Falkland Islands; FM Micronesia; FO Faroe Islands; FR France; GA Gabon; GB
United Kingdom; GD Grenada; GE Georgia; GF French Guiana; GG Guernsey; GH Ghana; GI
Gibraltar; GL Greenland; GM Gambia; GN Guinea; GP Guadeloupe; GQ Equatorial Guinea; GR Greece; GS South Georgia;
GT Guatemala; GU Guam; GW Guinea-Bissau; GY Guyana; HK Hong Kong; HM Heard and Mcdonald Islands; HN Honduras; HR
Croatia; HT Haiti; HU Hungary; ID Indonesia; IE Ireland; IL Israel; IM Isle of Man; IN India; IO British
Indian Ocean Territory; IQ Iraq; IR Iran; IS Iceland; IT Italy; JE Jersey; JM Jamaica; JO Jordan; JP
Japan; KE Kenya; KG Kyrgyzstan; KH Cambodia; KI Kiribati; KM Comoros; KN Saint Kitts and Nevis; KP North Korea;
KR South Korea; KW Kuwait; KY Cayman Islands; KZ Kazakhstan; LA Laos; LB Lebanon; LC Saint
Lucia; LI Liechtenstein; LK Sri Lanka; LR Liberia; LS Lesotho; LT Lithuania; LU Luxembourg; LV Latvia; LY Libya;
MA Morocco; MC Monaco; MD Moldova; ME Montenegro; MF Saint Martin; MG Madagascar; MH Marshall Islands; MK
Macedonia; ML Mali; MM Myanmar; MN Mongolia; MO Macao; MP Northern Mariana Islands; MQ Martinique; MR
Mauritania; MS Montserrat; MT Malta; MU Mauritius; MV Maldives; MW Malawi; MX Mexico; MY Malaysia; MZ
Mozambique; NA Namibia; NC New Caledonia; NE Niger; NF Norfolk Island; NG Nigeria; NI Nicaragua; NL Netherlands;
NO Norway; NP Nepal; NR Nauru; NU Niue; NZ New Zealand; OM Oman; PA Panama; PE Peru; PF
French Polynesia; PG Papua New Guinea; PH Philippines; PK Pakistan; PL Poland; PM St. Pierre and Miquelon; PN
Pitcairn; PR Puerto Rico; PS Palestinian Territory; PT Portugal; PW Palau; PY Paraguay; QA Qatar; RE Reunion; RO
Romania; RS Serbia; RU Russian Federation; RW Rwanda; SA Saudi Arabia; SB Solomon Islands; SC
Seychelles; SD Sudan; SE Sweden; SG Singapore; SH Saint Helena; SI Slovenia; SJ Svalbard and Jan Mayen
Islands; SK Slovakia; SL Sierra Leone; SM San Marino; SN Senegal; SO Somalia; SR Suriname; SS South Sudan; ST
Sao Tome and Principe; SV El Salvador; SX Sint Maarten; SY Syria; SZ Swaziland; TA Tristan Da Cunha; TC Turks
and Caicos Islands; TD Chad; TF French Southern Territories; TG Togo; TH Thailand; TJ Tajikistan; TK Tokelau; TL
Timor-Leste; TM Turkmenistan; TN Tunisia; TO Tonga; TR Turkey; TT Trinidad and Tobago; TV Tuvalu; TW Taiwan; TZ
Tanzania; UA Ukraine; UG Uganda; UM United States Minor Outlying Islands; US United States; UY
Uruguay; UZ Uzbekistan; VA Vatican; VC Saint Vincent and the Grenadines; VE Venezuela; VG Virgin
Islands (British); VI Virgin Islands (U.S.); VN Viet Nam; VU Vanuatu; WF Wallis and Futuna Islands; WS Samoa; XK
Kosovo; YE Yemen; YT Mayotte; ZA South Africa; ZM Zambia; ZW Zimbabwe
""")

_STATE_COUNTRIES = ("", "US", "CA")
_COUNTRY_CODES = {name.lower(): code for code, name in COUNTRIES.items()}
_STATE_CODES = {name.lower(): code for code, name in STATES.items()}


def show_state(text: str, country: str) -> tuple[str, str]:
    """Code and name of a state that the account keeps as this text; codes exist in the US and Canada only."""
    code = text.strip().upper()
    if code in STATES and show_country(country)[0].upper() in _STATE_COUNTRIES:
        return code, STATES[code]
    return "", text


def show_country(text: str) -> tuple[str, str]:
    """Code, in lower case as the service returns it [REC], and name of a country."""
    code = find_country(text)
    return (code.lower(), COUNTRIES[code]) if code else ("", text)


def find_country(text: str) -> str | None:
    """The code of a country by its code or name."""
    word = text.strip()
    return word.upper() if word.upper() in COUNTRIES else _COUNTRY_CODES.get(word.lower())


def find_state(text: str) -> str | None:
    """The code of a state of the US or Canada by its code or name."""
    word = text.strip()
    return word.upper() if word.upper() in STATES else _STATE_CODES.get(word.lower())
