"""Ways to damage a document, each from a seeded source of chance: bytes to bytes."""

import re

ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1", "cp1252", "utf-7", "cp037", "utf-8-sig")
NAMES = (
    b"Status", b"EmailAddress", b"FirstName", b"City", b"Note", b"ContactLists", b"ContactList", b"Contact", b"entry",
    b"feed", b"content", b"link", b"id", b"updated", b"OptInSource", b"Errors", b"Error", b"Name", b"source", b"x:y",
)  # fmt: skip
LEAF = re.compile(rb"<(\w+)[^<>]*>[^<>]*</\1>|<\w+[^<>]*/>")
ELEMENT = re.compile(rb"<(\w+)(?:\s[^<>]*)?>.*?</\1>", re.DOTALL)
TAG = re.compile(rb"<(/?)(\w+)")
ATTRIBUTE = re.compile(rb'\s([\w:]+)="([^"]*)"')
BOMB = b'<!DOCTYPE feed [<!ENTITY e0 "lol">%s]>' % b"".join(
    b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10)
)


def flip_bits(content, chance):
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def put_bytes(content, chance):
    at = chance.randrange(len(content) + 1)
    return (
        content[:at] + chance.choice([chance.randbytes(chance.randint(1, 6)), b"&", b"<", b"\0", b"]]>"]) + content[at:]
    )


def delete_slice(content, chance):
    at = chance.randrange(len(content) + 1)
    return content[:at] + content[at + chance.choice([1, 2, 20, 400]) :]


def repeat_slice(content, chance):
    at = chance.randrange(len(content) + 1)
    piece = content[at : at + chance.choice([1, 5, 60, 500])]
    return content[:at] + piece * chance.randint(2, 4) + content[at + len(piece) :]


def truncate(content, chance):
    return content[: chance.randrange(len(content) + 1)]


def repeat_element(content, chance):
    found = _pick(chance.choice([LEAF, ELEMENT]), content, chance)
    return content if found is None else content[: found.end()] + found.group() + content[found.end() :]


def move_element(content, chance):
    found = _pick(chance.choice([LEAF, ELEMENT]), content, chance)
    if found is None:
        return content
    left = content[: found.start()] + content[found.end() :]
    target = _pick(LEAF, left, chance)
    at = target.start() if target else 0
    return left[:at] + found.group() + left[at:]


def delete_element(content, chance):
    found = _pick(chance.choice([LEAF, ELEMENT]), content, chance)
    return content if found is None else content[: found.start()] + content[found.end() :]


def unwrap_element(content, chance):
    """The tags go, the text stays where it was."""
    found = _pick(LEAF, content, chance)
    return (
        content
        if found is None
        else content[: found.start()] + re.sub(rb"<[^>]*>", b"", found.group()) + content[found.end() :]
    )


def rename_element(content, chance):
    found = _pick(TAG, content, chance)
    if found is None:
        return content
    name = re.escape(found.group(2))
    return re.sub(rb"(</?)" + name + rb"\b", rb"\1" + chance.choice(NAMES), content, count=chance.choice([0, 1, 2]))


def nest_element(content, chance):
    found = _pick(LEAF, content, chance)
    if found is None:
        return content
    name, depth = chance.choice(NAMES[:-1]), chance.choice([1, 2, 20, 300, 5000])
    nested = b"<%s>" % name * depth + found.group() + b"</%s>" % name * depth
    return content[: found.start()] + nested + content[found.end() :]


def change_attribute(content, chance):
    found = _pick(ATTRIBUTE, content, chance)
    if found is None:
        return content
    name, value = found.groups()
    forms = [
        b'%s=""' % name, b"", b'%s="%s" %s="x"' % (name, value, name), b'%s="%s\n   %s"' % (name, value[:9], value[9:]),
        b"%s='http://elsewhere.example/'" % name, b'%s="&e9;"' % name, b'x%s="%s"' % (name, value),
    ]  # fmt: skip
    return content[: found.start()] + b" " + chance.choice(forms) + content[found.end() :]


def put_entities(content, chance):
    named = re.sub(rb">([^<>]+)</", rb">&e9;</", content, count=chance.choice([1, 5]))
    return re.sub(rb"(?=<(?:feed|entry|service)\b)", lambda found: BOMB, named, count=chance.choice([0, 1]))


def put_comments(content, chance):
    at = chance.randrange(len(content) + 1)
    piece = chance.choice([b"<!-- x -->", b"<?x y?>", b"<![CDATA[<City>]]>", b"<!-- -- -->", b"<?xml version='1.0'?>"])
    return content[:at] + piece + content[at:]


def encode_otherwise(content, chance):
    text, encoding = content.decode("utf-8", "replace"), chance.choice(ENCODINGS)
    if chance.random() < 0.5:
        text = text.replace("UTF-8", chance.choice([encoding, "utf-8", "ascii", "no-such"]), 1)
    return text.encode(encoding, "replace")


def declare_otherwise(content, chance):
    return content.replace(b"UTF-8", chance.choice(ENCODINGS).encode(), 1)


def put_marks(content, chance):
    return chance.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0", b" ", b"\x1f\x8b\x08"]) + content


def change_namespace(content, chance):
    found = _pick(re.compile(rb'xmlns="([^"]*)"'), content, chance)
    if found is None:
        return content
    form = chance.choice([b'xmlns="urn:x"', b'xmlns=""', b'xmlns:p="%s"' % found.group(1), b"", b'xmlns=":::"'])
    return content[: found.start()] + form + content[found.end() :]


WAYS = (
    flip_bits, put_bytes, delete_slice, repeat_slice, truncate, repeat_element, move_element, delete_element,
    unwrap_element, rename_element, nest_element, change_attribute, put_entities, put_comments, encode_otherwise,
    declare_otherwise, put_marks, change_namespace,
)  # fmt: skip


def damage(content, chance):
    """Damage `content` in one to three ways."""
    for way in chance.choices(WAYS, k=chance.choice([1, 1, 1, 2, 3])):
        content = way(content, chance)
    return content


def _pick(pattern, content, chance):
    found = list(pattern.finditer(content))
    return chance.choice(found) if found else None
