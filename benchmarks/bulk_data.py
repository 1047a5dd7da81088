"""Files of people of about 100 bytes each, the same for the same count."""

import json
import random

COLUMNS = ("id", "name", "email", "city", "amount", "created_at")
TABLE = (
    "CREATE TABLE {name} (id bigint PRIMARY KEY, name text NOT NULL, email text NOT NULL,"
    " city text NOT NULL, amount numeric(12,2) NOT NULL, created_at timestamp NOT NULL)"
)
FIRST = ("Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farah", "Goran", "Hanna", "Ivo", "Jamila")
LAST = ("Lovelace", "Zimmermann", "Rossi", "Petrov", "Yilmaz", "Haddad", "Kovac", "Virtanen")
CITIES = ("Zurich", "Geneva", "Winterthur", "Lausanne", "St. Gallen", "Bellinzona", "Neuchatel")


def people(count):
    generator = random.Random(20261123)
    for identity in range(1, count + 1):
        given, family = generator.choice(FIRST), generator.choice(LAST)
        yield (
            str(identity),
            f"{given} {family}",
            f"{given}.{family}.{identity}@example.org",
            generator.choice(CITIES),
            f"{generator.randrange(10**6)}.{generator.randrange(100):02d}",
            f"20{generator.randrange(10, 26)}-{generator.randrange(1, 13):02d}-"
            f"{generator.randrange(1, 29):02d} {generator.randrange(24):02d}:"
            f"{generator.randrange(60):02d}:{generator.randrange(60):02d}",
        )


def write_csv(path, count):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        file.writelines(",".join(person) + "\n" for person in people(count))


def write_bad_csv(path, count):
    """1 % is bad: half of it repeats the key before it, half has no number for an amount."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        for index, person in enumerate(people(count)):
            if index % 200 == 100:
                person = (str(index), *person[1:])
            elif index % 200 == 199:
                person = (*person[:4], "12x", person[5])
            file.write(",".join(person) + "\n")
    return count - count // 100


def write_jsonl(path, count):
    with open(path, "w", encoding="utf-8", newline="") as file:
        for person in people(count):
            record = dict(zip(COLUMNS, person))
            record["id"] = int(record["id"])
            file.write(json.dumps(record) + "\n")


def write_large_csv(path, source, size):
    """The records of `source` again and again, until the file has `size` bytes; 1 000 of them bad."""
    header, _, body = source.read_bytes().partition(b"\n")
    with open(path, "wb") as file:
        file.write(header + b"\n" + b"too,few\n" * 1000)
        while file.tell() < size:
            file.write(body)
