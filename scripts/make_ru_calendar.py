#!/usr/bin/env python3
"""Writes csat-core/data/calendars/ru_production.toml from the PyPI package `holidays` (MIT).

    python3 -m venv env && env/bin/pip install holidays==0.109
    env/bin/python scripts/make_ru_calendar.py > csat-core/data/calendars/ru_production.toml

The package gives public holidays, days off moved by decree and the weekend days worked instead. Short days are not in
it; they follow from article 95 of the Labour Code: the working day just before a public holiday is one hour shorter,
and a weekend day worked in exchange for such a day is shorter in its place. The sums of working days and of hours of a
40-hour week per year are compared with those below, so a wrong year cannot slip in: up to 2020 they are those of the open
data named in the header, from 2021 on they were written down from memory of the published calendars.
"""

import datetime as dt
import re

import holidays

FIRST, LAST = 2015, 2027
DAY = dt.timedelta(days=1)
# Working days and hours of a 40-hour week per year; where from, see above.
PUBLISHED = {
    2015: (247, 1971), 2016: (247, 1974), 2017: (247, 1973),
    2018: (247, 1970), 2019: (247, 1970), 2020: (248, 1979), 2021: (247, 1972), 2022: (247, 1973),
    2023: (247, 1973), 2024: (248, 1979), 2025: (247, 1972), 2026: (247, 1972),
}
PUBLIC = [(1, d) for d in range(1, 9)] + [(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)]


def is_public(date):
    return (date.month, date.day) in PUBLIC


def year_of(year):
    source = holidays.RU(years=year, language="en_US")
    off = {date: re.sub(r"\s+", " ", name) for date, name in sorted(source.items())}
    working = {}  # weekend day worked -> the day off that it was exchanged for
    for date, name in off.items():
        moved = re.search(r"from (\d+)/(\d+)/(\d+)", name)
        if moved:
            month, day, its_year = map(int, moved.groups())
            origin = dt.date(its_year, month, day)
            off[date] = f"Day off moved from {origin}"
            if not is_public(origin):
                working[origin] = date
    assert set(working) == set(source.weekend_workdays), year

    def works(date):
        return date in working or (date.weekday() < 5 and date not in off)

    short = set()
    date = dt.date(year, 1, 1)
    while date.year == year:
        if is_public(date + DAY) and not is_public(date):
            instead = next((origin for origin, swapped in working.items() if swapped == date), None)
            if instead is not None:
                short.add(instead)
            elif works(date):
                short.add(date)
        date += DAY
    dates = (dt.date(year, 1, 1) + DAY * i for i in range(366))
    days = sum(works(d) for d in dates if d.year == year)
    hours = days * 8 - len(short)
    if year in PUBLISHED:
        assert PUBLISHED[year] == (days, hours), (year, days, hours, sorted(short))
    return off, working, sorted(short)


def main():
    years = [year_of(year) for year in range(FIRST, LAST + 1)]
    print(f"""\
# Russia: the production calendar of a five-day week. Written by scripts/make_ru_calendar.py; do not edit.
#
# Source: PyPI package `holidays` {holidays.__version__} (MIT), which cites the yearly decrees; short days follow from article 95
# of the Labour Code (see the script).
# Compared with other sources, date by date:
# - 2015 to 2020: days off, days worked, short days and both sums are those of the open data of the Ministry of Economic
#   Development (data.gov.ru, 7708660670-proizvcalendar, as kept in github.com/shlima/russian_production_calendar). Its
#   later years were drafts when that copy was made and prove nothing; 2022, amended there by hand after ConsultantPlus
#   (github.com/shlima/russian_calendar), is the same.
# - 2015 to 2026: days off and days worked are those of the crate `holidays-ru` 0.1.2, which cites the decrees by number.
#   Its short days are the same but for 2015, 2018, 2019 and 2020, where the open data agree with this file, and 2024, where
#   it shortens 27 April and this file 2 November: the day exchanged for 30 April, which lies before a holiday.
# Not verified: the sums of hours from 2021 on and the short days of 2021 and 2023 to 2026 against an official text (two
# sources, both secondary); 2027, for which there is one source.
# Not covered: years outside {FIRST} to {LAST} (for 2014 the source lacks the day off of 10 March); regional holidays; the
# days declared non-working with pay by presidential decree in 2020 (30 March to 8 May, 24 June, 1 July) and 2021 (4 to 7
# May, 30 October to 7 November; dates from memory, not compared), on which many services worked: add them as `holidays`
# where yours did not.

name = "ru"
years = [{FIRST}, {LAST}]

# Dates without working time: public holidays and days off moved by decree.
[holidays]""")
    for off, _, _ in years:
        for date, name in off.items():
            print(f'{date} = "{name}"')
    print("\n# Weekend days that are worked, with the hours of the day for which they were exchanged.\n[working]")
    for _, working, _ in years:
        for date, instead in sorted(working.items()):
            print(f'{date} = "{instead}"')
    print("\n# Days that close one hour earlier, by year.\n[short]")
    for number, (_, _, short) in enumerate(years, FIRST):
        print(f"{number} = [" + ", ".join(f'"{date}"' for date in short) + "]")


main()
