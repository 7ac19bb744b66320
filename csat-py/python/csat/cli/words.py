"""The words by which columns, outcomes and flags are known, in English and Russian."""

from __future__ import annotations

import re

INSTANTS = ("started", "offered", "rang", "answered", "ended", "asked", "at", "created", "first_response", "resolved", "due")
DURATIONS = ("wait", "talk", "hold", "wrap")
FLAGS = ("transferred", "in_hours", "met")
INTEGERS = ("legs", "form_version", "revision")
PERSONAL = ("customer", "agent", "respondent", "reviewer", "caller")
"""Columns that name people. They are read only where a report is asked for by them."""

CONTACTS = {
    "id": "id|call id|callid|contact id|uniqueid|unique id|interaction id|ид|id звонка|ид звонка|номер обращения|id обращения",
    "queue": "queue|queue name|queuename|skill|skill group|split|очередь|название очереди|группа|линия|скилл группа",
    "channel": "channel|media|media type|канал|тип обращения",
    "agent": "agent|agent name|operator|server|оператор|агент|сотрудник|фио оператора",
    "customer": "customer|customer id|caller|caller id|callerid|phone|клиент|абонент|номер клиента|телефон|номер абонента",
    "direction": "direction|направление",
    "started": "started|start|start time|started at|call start|начало|начало звонка|время начала|дата и время начала",
    "offered": "offered|offered at|queued|queued at|queue start|queue time start|enqueued|enqueue time|queue entry|arrived|"
    "arrival|arrival time|поступил|поступление|поступила|время поступления|дата поступления|дата и время поступления|"
    "вход в очередь|время входа в очередь|постановка в очередь",
    "rang": "rang|rang at|ring start|начало дозвона",
    "answered": "answered|answered at|answer time|connected at|connect time|ответ|время ответа|отвечен|принят|ответ оператора",
    "ended": "ended|ended at|end|end time|hangup time|окончание|завершение|завершен|время окончания|время завершения|конец|"
    "конец звонка",
    "outcome": "outcome|result|disposition|call result|исход|результат|результат звонка|статус звонка|статус",
    "wait": "wait|wait time|waiting time|queue time|time in queue|q time|ожидание|время ожидания|время в очереди|"
    "длительность ожидания",
    "talk": "talk|talk time|billsec|ser time|разговор|время разговора|длительность разговора",
    "hold": "hold|hold time|on hold|удержание|время удержания",
    "wrap": "wrap|wrap up|wrap up time|after call work|acw|постобработка|поствызывная обработка|время постобработки",
    "legs": "legs|segments|сегменты",
    "transferred": "transferred|transfer|перевод|переведен|переведён",
    "in_hours": "in hours|working hours|в рабочее время|рабочее время",
}
ANSWERS = {
    "respondent": "respondent|respondent id|customer|customer id|customerid|респондент|клиент",
    "contact": "contact|contact id|call id|обращение|id звонка|id обращения",
    "asked": "asked|asked at|sent|sent at|отправлен|дата отправки|время отправки",
    "answered": "answered|answered at|timestamp|submitted|submitted at|date|ответ|время ответа|дата ответа|дата|отметка времени",
    "instrument": "instrument|survey|анкета|инструмент",
    "touchpoint": "touchpoint|touch point|точка контакта",
}
EVALUATIONS = {
    "id": "id|evaluation|evaluation id|ид|id оценки",
    "contact": "contact|contact id|call id|обращение|id звонка|id обращения",
    "agent": "agent|operator|оператор|агент|сотрудник",
    "reviewer": "reviewer|evaluator|rater|проверяющий|эксперт|контролер",
    "at": "at|date|evaluated at|дата|дата оценки",
    "form": "form|form id|scorecard|форма|чек лист",
    "form_version": "form version|version|версия|версия формы",
    "contact_type": "contact type|type|тип звонка|тип обращения",
    "kind": "kind|вид|вид оценки",
    "revision": "revision|редакция",
}
LONG = {
    "criterion": "criterion|criteria|критерий",
    "answer": "answer|value|ответ",
}
"""Columns of evaluations that have one answer a row, beside `id`."""
TICKETS = {
    "id": "id|ticket|ticket id|ticket number|case|case id|case number|request id|issue|номер|номер заявки|номер обращения|"
    "номер тикета|заявка|тикет|ид",
    "customer": "customer|customer id|requester|requester id|client|клиент|заявитель",
    "agent": "agent|assignee|assigned to|operator|исполнитель|оператор|ответственный",
    "channel": "channel|source|via|канал|источник",
    "priority": "priority|severity|urgency|приоритет|важность",
    "segment": "segment|customer segment|сегмент",
    "team": "team|group|department|assignment group|отдел|группа|команда|подразделение",
    "created": "created|created at|created on|opened|opened at|open time|reported|received|date received|создан|создана|"
    "дата создания|время создания|поступило|зарегистрирован|зарегистрирована",
    "first_response": "first response|first response at|first reply|first reply at|first answer|first answered at|"
    "responded|responded at|replied at|первый ответ|время первого ответа|дата первого ответа",
    "resolved": "resolved|resolved at|solved|solved at|closed|closed at|close time|date resolved|решен|решена|закрыт|закрыта|"
    "дата решения|дата закрытия|время решения|время закрытия",
    "due": "due|due at|due date|deadline|sla due|срок|срок решения|крайний срок",
    "met": "met|sla met|in time|within sla|в срок|выполнено в срок",
}
TABLES = {"contacts": CONTACTS, "answers": ANSWERS, "evaluations": EVALUATIONS, "tickets": TICKETS}

OUTCOMES = {
    "answered": "answered|answer|connected|handled|agent|served|принят|принятый|отвечен|отвечено|отвеченный|обслужен|обслужено|"
    "успешный|разговор состоялся",
    "abandoned": "abandoned|abandon|hang|hangup|hung up|lost|caller abandoned|потерян|потерянный|потеряно|сброшен|не дождался|"
    "абонент не дождался",
    "flow_out": "flow out|overflow|timeout|exitwithtimeout|переполнение|таймаут|перелив",
    "callback": "callback|call back|обратный звонок|перезвон",
    "voicemail": "voicemail|voice mail|голосовая почта",
    "key_exit": "key exit|exitwithkey|выход по клавише",
    "missed": "missed|no answer|ring no answer|пропущен|пропущенный|нет ответа",
    "skip": "skip|phantom|test|тест|тестовый",
}
OUTCOME_CLASSES = (
    "answered",
    "abandoned",
    "flow_out",
    "callback",
    "voicemail",
    "key_exit",
    "missed",
    "requeued",
    "dequeued",
    "forwarded",
    "error",
    "pending",
    "skip",
)
TRUE = ("true", "1", "yes", "y", "да", "t", "д")
FALSE = ("false", "0", "no", "n", "нет", "f", "н")

MARKS = {
    "yes": "yes",
    "да": "yes",
    "no": "no",
    "нет": "no",
    "n a": "n/a",
    "na": "n/a",
    "not applicable": "n/a",
    "н п": "n/a",
    "не применимо": "n/a",
    "неприменимо": "n/a",
}
KINDS = {"regular": "standard", "обычная": "standard", "плановая": "standard", "калибровка": "calibration"}

RECOMMEND = re.compile(r"recommend|\bnps\b|рекоменд", re.IGNORECASE)
SATISFACTION = re.compile(r"satisf|\bcsat\b|удовлетвор", re.IGNORECASE)
SCORE = re.compile(r"^(score|rating|mark|оценка|балл)$", re.IGNORECASE)
NUMBERED = re.compile(r"^(.*?[a-zа-яё_ ])0*(\d+)$", re.IGNORECASE)
NO_QUESTION = re.compile(
    r"(.* )?(rater|reviewer|evaluator|assessor|judge|coder|observer|expert|operator|agent|id|no|nr|"
    r"оценщик|проверяющий|эксперт|судья|контролер|наблюдатель|оператор|номер)",
    re.IGNORECASE,
)
"""What columns are called besides a number when they are no questions: marks of several people, numbers of things."""
UNITS = {
    "s": "s|sec|secs|second|seconds|с|сек|секунд|секунды",
    "ms": "ms|msec|мс",
    "us": "us|µs|мкс",
    "min": "min|mins|minutes|мин|минут|минуты",
    "h": "h|hours|hrs|ч|час|часов",
}


def plain(text: str) -> str:
    """A header or value as compared: small letters, one space between words, ё as е."""
    words = re.sub(r"(?<=[a-zа-я])(?=[A-ZА-Я])", " ", text.strip()) if not text.isupper() else text.strip()
    return " ".join(re.sub(r"[\s_\-./]+", " ", words.lower().replace("ё", "е")).split())


def split_unit(header: str) -> tuple[str, str | None]:
    """A header without its unit, and the unit: `Ожидание, с` and `wait_sec` are a wait in seconds."""
    text = plain(re.sub(r"[(),\[\]:]", " ", header))
    first, _, last = text.rpartition(" ")
    for unit, spelled in UNITS.items():
        if first and last in spelled.split("|"):
            return first, unit
    return text, None


def _table_of(synonyms: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, spelled in synonyms.items():
        for word in [role.replace("_", " "), *spelled.split("|")]:
            found.setdefault(word.replace("ё", "е"), role)
    return found


_ROLES = {table: _table_of(synonyms) for table, synonyms in TABLES.items()}
_LONG = _table_of(EVALUATIONS | LONG)
_OUTCOMES = _table_of(OUTCOMES | {name: name for name in OUTCOME_CLASSES if name not in OUTCOMES})


def role_of(table: str, header: str) -> tuple[str | None, str | None]:
    """The role of a column by its header, and the unit the header names."""
    known = _ROLES[table]
    if plain(header) in known:
        return known[plain(header)], None
    name, unit = split_unit(header)
    return known.get(name), unit


def long_role_of(header: str) -> str | None:
    """The role of a column of evaluations that may have one answer a row."""
    return _LONG.get(plain(header))


def outcome_of(value: str) -> str | None:
    """The outcome class that a value spells."""
    return _OUTCOMES.get(plain(value))
