# SPDX-License-Identifier: Apache-2.0
#
# Judges databases of hashed addresses with Python's own HMAC, apart from the program.
#
#   privacy.py hash KEY-FILE LISTS      what a dump of plain addresses (see dump.sh), from standard input, is with
#                                       hashes: each address but those of LISTS (one a line), each Message-ID and login
#   privacy.py search WORDS FILE...     tells each of the words (one a line) that stands in the bytes of a file
import hmac
import re
import sys


def hashed(key, text):
    return hmac.new(key, text.encode(), "sha256").hexdigest()[:20]


def key_of(path):
    return open(path, "rb").read().rstrip(b"\r\n")


def hash_dump(key_file, lists_file):
    key = key_of(key_file)
    lists = set(open(lists_file).read().split("\n"))

    def form(match):
        inner, address = match.group(1), match.group(2)
        if inner is not None:
            return "<%s@%s>" % (hashed(key, inner), inner.rsplit("@", 1)[1])
        if address in lists:
            return address
        return hashed(key, address.lower()) + "@" + address.rsplit("@", 1)[1]

    for line in sys.stdin:
        fields = line.rstrip("\n").split("\t")
        for i, field in enumerate(fields):
            if field.startswith("login='") and "@" not in field:
                field = "login='%s'" % hashed(key, field[7:-1].lower())
            fields[i] = re.sub(r"<([^<>\s]+@[^<>\s]+)>|([\w.+=#/-]+@[\w.-]+\w)", form, field)
        print("\t".join(fields))


def search(words_file, paths):
    words = [word for word in open(words_file).read().split("\n") if len(word) >= 4]
    for path in paths:
        content = open(path, "rb").read().lower()
        for word in words:
            if word.lower().encode() in content:
                print("%s: %s" % (path, word))


if __name__ == "__main__":
    if sys.argv[1] == "hash":
        hash_dump(*sys.argv[2:4])
    else:
        search(sys.argv[2], sys.argv[3:])
