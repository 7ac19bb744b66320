"""The same figures by hand in each engine: what a user would write without csat.

Every function returns a dict of NumPy arrays sorted by its keys, so that answers can be compared.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data import CLOSE, CRITERIA, CRITICAL, DAY, MOSCOW, OFF, OPEN, QUESTIONS, TARGETS, US, WORKED

SL = (10, 20, 30, 60)
QUANTILES = (0.5, 0.9, 0.95, 0.99)
HALF_HOUR = 1_800_000_000
Z = 1.959963984540054


def tidy(frame, keys):
    """A dict of columns, sorted by the keys; keys become text so that engines agree on them."""
    columns = {}
    for name in frame.columns if not hasattr(frame, "column_names") else frame.column_names:
        column = frame[name]
        column = column.to_numpy(zero_copy_only=False) if isinstance(column, pa.ChunkedArray) else np.asarray(column)
        columns[name] = column
    if keys:
        text = {k: columns[k].astype(str) for k in keys}
        order = np.lexsort([text[k] for k in reversed(keys)])
        columns = {n: (text[n] if n in text else c.astype(float))[order] for n, c in columns.items()}
    return {n: np.atleast_1d(c) for n, c in columns.items()}


# ---------------------------------------------------------------- polars
def polars(table):
    import polars as pl

    frame = pl.from_arrow(table).lazy()

    def contacts(keys, quantiles):
        us = lambda name: pl.col(name).to_physical()
        lost = pl.col("answered").is_null()
        wait = pl.when(lost).then(us("ended")).otherwise(us("answered")) - us("offered")
        select = [pl.col("queue")] if "queue" in keys else []
        if "slot" in keys:
            select.append((us("offered") // HALF_HOUR * HALF_HOUR).alias("slot"))
        source = frame.select(*select, lost=lost, w=wait, h=pl.col("talk") + pl.col("hold") + pl.col("wrap"))
        answered = pl.when(~pl.col("lost")).then(pl.col("w"))
        short = (pl.col("lost") & (pl.col("w") < 5_000_000)).sum()
        aggregates = [
            pl.len().alias("n"),
            *[(answered <= t * 1_000_000).sum().alias(f"in{t}") for t in SL],
            (pl.col("lost").sum() - short).alias("long"),
            short.alias("short"),
            (answered.mean() / 1e6).alias("asa"),
            pl.col("h").cast(pl.Int64).mean().alias("aht"),
        ]
        if quantiles:
            aggregates += [(answered.quantile(q, "linear") / 1e6).alias(f"p{q}") for q in QUANTILES]
        grouped = source.group_by(keys).agg(aggregates) if keys else source.select(aggregates)
        return tidy(ratios(grouped.collect(), pl), keys)

    def ratios(f, pl):
        return f.select(
            *[c for c in f.columns if c in ("queue", "slot")],
            *[(pl.col(f"in{t}") / pl.col("n")).alias(f"sl{t}") for t in SL],
            (pl.col("long") / (pl.col("n") - pl.col("short"))).alias("abandoned"), "asa", "aht",
            *[c for c in f.columns if c.startswith("p")],
        )

    def nps():
        s = pl.col("score")
        f = frame.group_by("dealer", pl.col("answered").dt.truncate("1mo").alias("slot")).agg(
            n=s.count(), p=(s >= 9).sum(), d=(s <= 6).sum()
        )
        share = (pl.col("p").cast(pl.Int64) - pl.col("d").cast(pl.Int64)) / pl.col("n")
        return tidy(f.select("dealer", "slot", nps=100 * share).collect(), ["dealer", "slot"])

    def index():
        answered = [pl.col(f"q{i + 1}").is_not_null() for i in range(10)]
        top = [((pl.col(f"q{i + 1}").cast(pl.Float64) - 1) * (100 * w / (m - 1))).fill_null(0) for i, (m, w) in enumerate(QUESTIONS)]
        weight = pl.sum_horizontal([a * w for a, (_, w) in zip(answered, QUESTIONS)])
        enough = pl.sum_horizontal([a.cast(pl.Int32) for a in answered]) >= 5
        score = pl.when(enough).then(pl.sum_horizontal(top) / weight)
        f = frame.select("dealer", s=score).group_by("dealer").agg(index=pl.col("s").mean())
        return tidy(f.collect(), ["dealer"])

    def questions():
        f = frame.group_by("dealer").agg([pl.col(f"q{i + 1}").mean() for i in range(10)])
        return index() | tidy(f.collect(), ["dealer"])

    def alpha():
        q = [f"q{i + 1}" for i in range(10)]
        x = frame.select(q).drop_nulls().select([((pl.col(n).cast(pl.Float64) - 1) / (m - 1)).alias(n) for n, (m, _) in zip(q, QUESTIONS)])
        x = x.with_columns(t=pl.sum_horizontal(q))
        each = pl.sum_horizontal([pl.col(n).var() for n in q])
        return tidy(x.select(alpha=10 / 9 * (1 - each / pl.col("t").var()), **{n: pl.corr(n, pl.col("t") - pl.col(n)) for n in q}).collect(), [])

    def card(parts):
        c = [f"c{i + 1}" for i in range(18)]
        top = pl.sum_horizontal([(pl.col(n).cast(pl.Float64) * (100 * w / m)).fill_null(0) for n, (m, w) in zip(c, CRITERIA)])
        weight = pl.sum_horizontal([pl.col(n).is_not_null() * float(w) for n, (_, w) in zip(c, CRITERIA)])
        failed = pl.any_horizontal([(pl.col(c[i]) == 0).fill_null(False) for i in CRITICAL])
        score = pl.when(weight > 0).then(pl.when(failed).then(0.0).otherwise(top / weight))
        extra = [(pl.col(n).cast(pl.Float64).mean() / m).alias(n) for n, (m, _) in zip(c, CRITERIA)] if parts else []
        f = frame.with_columns(s=score, f=failed).group_by("agent").agg(score=pl.col("s").mean(), failed=pl.col("f").mean(), *extra) if False else \
            frame.with_columns(s=score, f=failed).group_by("agent").agg([pl.col("s").mean().alias("score"), pl.col("f").mean().alias("failed"), *extra])
        return tidy(f.collect(), ["agent"])

    return tasks(contacts, nps, index, questions, alpha, card)


# ---------------------------------------------------------------- DuckDB
def duckdb(table):
    import duckdb as db

    con = db.connect()
    con.execute("SET threads = 1")
    con.register("source", table)
    con.execute("CREATE TABLE t AS SELECT * FROM source")
    if "queue" in table.column_names:
        con.execute("CREATE TYPE q AS ENUM (SELECT DISTINCT queue::VARCHAR FROM t); ALTER TABLE t ALTER queue TYPE q")
    if "dealer" in table.column_names:
        con.execute("CREATE TYPE d AS ENUM (SELECT DISTINCT dealer::VARCHAR FROM t); ALTER TABLE t ALTER dealer TYPE d")
    run = lambda sql, keys: tidy(con.sql(sql).to_arrow_table(), keys)

    def contacts(keys, quantiles):
        slot = f"epoch_us(offered) // {HALF_HOUR} * {HALF_HOUR} AS slot," if "slot" in keys else ""
        queue = "queue," if "queue" in keys else ""
        names = "".join(f"{k}, " for k in keys)
        by = f"GROUP BY {', '.join(keys)}" if keys else ""
        q = "".join(f", quantile_cont(w, {p}) FILTER (NOT lost) / 1e6 AS \"p{p}\"" for p in QUANTILES) if quantiles else ""
        levels = ", ".join(f"count(*) FILTER (NOT lost AND w <= {t}000000) / count(*) AS sl{t}" for t in SL)
        return run(f"""SELECT {names} {levels}, count(*) FILTER (lost AND w >= 5000000) / (count(*) - count(*) FILTER (lost AND w < 5000000)) AS abandoned,
            avg(w) FILTER (NOT lost) / 1e6 AS asa, avg(h) AS aht {q} FROM (SELECT {queue} {slot} answered IS NULL AS lost,
            epoch_us(coalesce(answered, ended)) - epoch_us(offered) AS w, talk + hold + wrap AS h FROM t) {by}""", keys)

    def nps():
        return run("""SELECT dealer, CAST(date_trunc('month', answered) AS DATE) AS slot, 100 * (count(*) FILTER (score >= 9) - count(*) FILTER (score <= 6))
            / count(score) AS nps FROM t GROUP BY ALL""", ["dealer", "slot"])

    top = "+".join(f"coalesce((q{i + 1} - 1) * {100 * w / (m - 1)!r}, 0)" for i, (m, w) in enumerate(QUESTIONS))
    weight = "+".join(f"CASE WHEN q{i + 1} IS NULL THEN 0 ELSE {w} END" for i, (_, w) in enumerate(QUESTIONS))
    count = "+".join(f"(q{i + 1} IS NOT NULL)::INT" for i in range(10))

    def index(extra=""):
        return run(f"SELECT dealer, avg(CASE WHEN {count} >= 5 THEN ({top})::DOUBLE / ({weight})::DOUBLE END) AS index {extra} FROM t GROUP BY dealer", ["dealer"])

    def questions():
        return index("".join(f", avg(q{i + 1}) AS q{i + 1}" for i in range(10)))

    def alpha():
        x = ", ".join(f"(q{i + 1} - 1) / {m - 1}.0::DOUBLE AS x{i + 1}" for i, (m, _) in enumerate(QUESTIONS))
        total = " + ".join(f"x{i + 1}" for i in range(10))
        complete = " AND ".join(f"q{i + 1} IS NOT NULL" for i in range(10))
        each = " + ".join(f"var_samp(x{i + 1})" for i in range(10))
        rest = ", ".join(f"corr(x{i + 1}, t - x{i + 1}) AS q{i + 1}" for i in range(10))
        return run(f"SELECT 10.0 / 9 * (1 - ({each}) / var_samp(t)) AS alpha, {rest} FROM (SELECT *, {total} AS t FROM (SELECT {x} FROM t WHERE {complete}))", [])

    def card(parts):
        c_top = "+".join(f"coalesce(c{i + 1} * {100 * w / m!r}, 0)" for i, (m, w) in enumerate(CRITERIA))
        c_weight = "+".join(f"CASE WHEN c{i + 1} IS NULL THEN 0 ELSE {w} END" for i, (_, w) in enumerate(CRITERIA))
        failed = " OR ".join(f"coalesce(c{i + 1} = 0, false)" for i in CRITICAL)
        extra = "".join(f", avg(c{i + 1}) / {m} AS c{i + 1}" for i, (m, _) in enumerate(CRITERIA)) if parts else ""
        return run(f"""SELECT agent, avg(CASE WHEN {failed} THEN 0.0 ELSE ({c_top})::DOUBLE / nullif({c_weight}, 0) END) AS score,
            avg(CASE WHEN {failed} THEN 1.0 ELSE 0.0 END) AS failed {extra} FROM t GROUP BY agent""", ["agent"])

    return tasks(contacts, nps, index, questions, alpha, card)


# ---------------------------------------------------------------- NumPy
def numpy(table):
    column = lambda name: table[name].combine_chunks()
    plain = {}
    for name in table.column_names:
        a = column(name)
        if pa.types.is_dictionary(a.type):
            plain[name] = np.asarray(a.indices), np.array(a.dictionary.to_pylist())
        elif pa.types.is_timestamp(a.type):
            plain[name] = np.asarray(pc.fill_null(a.cast(pa.int64()), np.iinfo(np.int64).min))
        elif pa.types.is_date32(a.type):
            plain[name] = np.asarray(a.cast(pa.int32()))
        else:
            plain[name] = np.asarray(pc.fill_null(a, -128 if a.type == pa.int8() else -1))

    def group_quantiles(codes, groups, values):
        order = np.lexsort((values, codes))
        sorted_values = values[order].astype(float)
        n = np.bincount(codes, minlength=groups)
        first = np.concatenate([[0], np.cumsum(n)[:-1]])
        out = {}
        for q in QUANTILES:
            h = (n - 1) * q
            low = np.floor(h).astype(np.int64)
            a, b = sorted_values[first + low], sorted_values[first + np.minimum(low + 1, n - 1)]
            out[f"p{q}"] = (a + (b - a) * (h - low)) / 1e6
        return out

    def contacts(keys, quantiles):
        offered, answered, ended = plain["offered"], plain["answered"], plain["ended"]
        lost = answered == np.iinfo(np.int64).min
        wait = np.where(lost, ended, answered) - offered
        code, names = plain["queue"] if keys else (np.zeros(len(offered), np.int64), np.array(["all"]))
        code = code.astype(np.int64)
        if "slot" in keys:
            slot = offered // HALF_HOUR
            code = code * (slot.max() - slot.min() + 1) + slot - slot.min()
        live, code = np.unique(code, return_inverse=True) if "slot" in keys else (np.arange(len(names)), code)
        groups = len(live)
        n = np.bincount(code, minlength=groups)
        kept, long = ~lost, lost & (wait >= 5_000_000)
        count = lambda mask: np.bincount(code[mask], minlength=groups)
        out = {f"sl{t}": count(kept & (wait <= t * 1_000_000)) / n for t in SL}
        out["abandoned"] = count(long) / (n - count(lost & (wait < 5_000_000)))
        total = plain["talk"] + plain["hold"] + plain["wrap"]
        mean = lambda v: np.bincount(code[kept], v[kept], minlength=groups) / np.where(count(kept) > 0, count(kept), np.nan)
        out["asa"], out["aht"] = mean(wait) / 1e6, mean(total)
        if quantiles:
            out |= group_quantiles(code[kept], groups, wait[kept])
        if "slot" in keys:
            span = slot.max() - slot.min() + 1
            return {"queue": names[live // span], "slot": ((live % span + slot.min()) * HALF_HOUR).astype(str)} | out
        return ({"queue": names} if keys else {}) | out

    def nps():
        code, names = plain["dealer"]
        month = plain["answered"].astype("datetime64[D]").astype("datetime64[M]")
        first = month.min()
        step = (month - first).astype(np.int64)
        months = int(step.max()) + 1
        key, score = code.astype(np.int64) * months + step, plain["score"]
        n, p, d = (np.bincount(key[m], minlength=len(names) * months) for m in (score >= 0, score >= 9, (score >= 0) & (score <= 6)))
        live = np.flatnonzero(n)
        slot = (first + (live % months)).astype("datetime64[D]").astype(str)
        return {"dealer": names[live // months], "slot": slot, "nps": 100 * (p[live] - d[live]) / n[live]}

    def index():
        code, names = plain["dealer"]
        top, weight, count = np.zeros(len(code)), np.zeros(len(code)), np.zeros(len(code), np.int8)
        for i, (m, w) in enumerate(QUESTIONS):
            there = plain[f"q{i + 1}"] > 0
            top += np.where(there, (plain[f"q{i + 1}"] - 1) * (100 * w / (m - 1)), 0)
            weight += there * w
            count += there
        enough = count >= 5
        return {"dealer": names, "index": np.bincount(code[enough], top[enough] / weight[enough]) / np.bincount(code[enough])}

    def questions():
        code, _ = plain["dealer"]
        out = index()
        for i in range(10):
            there = plain[f"q{i + 1}"] > 0
            out[f"q{i + 1}"] = np.bincount(code[there], plain[f"q{i + 1}"][there]) / np.bincount(code[there])
        return out

    def alpha():
        marks = np.stack([plain[f"q{i + 1}"] for i in range(10)])
        x = (marks[:, (marks > 0).all(0)] - 1) / np.array([[m - 1] for m, _ in QUESTIONS])
        c = np.cov(x)
        total = c.sum()
        rest = (c.sum(0) - c.diagonal()) / np.sqrt(c.diagonal() * (total - 2 * c.sum(0) + c.diagonal()))
        return {"alpha": np.array([10 / 9 * (1 - c.trace() / total)])} | {f"q{i + 1}": rest[i : i + 1] for i in range(10)}

    def card(parts):
        agent = plain["agent"]
        agents = agent.max() + 1
        top, weight, failed = np.zeros(len(agent)), np.zeros(len(agent)), np.zeros(len(agent), bool)
        out = {}
        for i, (m, w) in enumerate(CRITERIA):
            mark = plain[f"c{i + 1}"]
            there = mark >= 0
            top += np.where(there, mark * (100 * w / m), 0)
            weight += there * w
            if i in CRITICAL:
                failed |= mark == 0
            if parts:
                out[f"c{i + 1}"] = np.bincount(agent[there], mark[there], agents) / np.bincount(agent[there], minlength=agents) / m
        n = np.bincount(agent, minlength=agents)
        score = np.where(failed, 0, top / weight)
        order = np.argsort(np.arange(agents).astype(str))
        out = {"score": np.bincount(agent, score) / n, "failed": np.bincount(agent, failed) / n} | out
        return {"agent": np.arange(agents).astype(str)[order]} | {k: v[order] for k, v in out.items()}

    return tasks(contacts, nps, index, questions, alpha, card)


# ---------------------------------------------------------------- pandas
def pandas(table):
    import pandas as pd

    frame = table.to_pandas()

    def contacts(keys, quantiles):
        lost = frame["answered"].isna()
        wait = (frame["answered"].fillna(frame["ended"]) - frame["offered"]).astype("int64") / (1 if str(frame["offered"].dtype).startswith("datetime64[us") else 1000)
        f = pd.DataFrame({"n": 1, "long": lost & (wait >= 5e6), "short": lost & (wait < 5e6), "aht": frame["talk"] + frame["hold"] + frame["wrap"], "asa": (wait / 1e6).where(~lost)})
        for t in SL:
            f[f"sl{t}"] = ~lost & (wait <= t * 1e6)
        by = []
        if "queue" in keys:
            by.append(frame["queue"])
        if "slot" in keys:
            by.append(frame["offered"].dt.floor("30min").rename("slot"))
        group = f.groupby(by, observed=True) if by else f.groupby(np.zeros(len(f), int))
        sums = group.sum()
        out = pd.DataFrame({f"sl{t}": sums[f"sl{t}"] / sums["n"] for t in SL})
        out["abandoned"] = sums["long"] / (sums["n"] - sums["short"])
        means = group[["asa", "aht"]].mean()
        out["asa"], out["aht"] = means["asa"], means["aht"]
        if quantiles:
            for q in QUANTILES:
                out[f"p{q}"] = group["asa"].quantile(q)
        out = out.reset_index(drop=not by)
        if "slot" in keys:
            out["slot"] = out["slot"].astype("int64") // (1 if "us" in str(out["slot"].dtype) else 1000)
        return tidy(out, keys)

    def nps():
        score = frame["score"]
        month = pd.to_datetime(frame["answered"]).dt.to_period("M").dt.to_timestamp().dt.date.astype(str) if False else pd.to_datetime(frame["answered"]).to_numpy().astype("datetime64[M]")
        f = pd.DataFrame({"dealer": frame["dealer"], "slot": month.astype("datetime64[s]"), "n": score.notna(), "net": (score >= 9).astype(int) - (score <= 6).astype(int)})
        sums = f.groupby(["dealer", "slot"], observed=True)[["n", "net"]].sum()
        out = (100 * sums["net"] / sums["n"]).rename("nps").reset_index()
        out["slot"] = out["slot"].dt.date.astype(str)
        return tidy(out, ["dealer", "slot"])

    def index():
        marks = frame[[f"q{i + 1}" for i in range(10)]]
        weight = marks.notna() @ np.array([w for _, w in QUESTIONS])
        top = ((marks - 1) * np.array([100 * w / (m - 1) for m, w in QUESTIONS])).sum(axis=1)
        score = (top / weight).where(marks.notna().sum(axis=1) >= 5)
        return tidy(score.groupby(frame["dealer"], observed=True).mean().rename("index").reset_index(), ["dealer"])

    def questions():
        means = frame.groupby("dealer", observed=True)[[f"q{i + 1}" for i in range(10)]].mean().reset_index()
        return index() | tidy(means, ["dealer"])

    def card(parts):
        marks = frame[[f"c{i + 1}" for i in range(18)]]
        weight = marks.notna() @ np.array([float(w) for _, w in CRITERIA])
        top = (marks * np.array([100 * w / m for m, w in CRITERIA])).sum(axis=1)
        failed = (marks.iloc[:, list(CRITICAL)] == 0).any(axis=1)
        f = pd.DataFrame({"agent": frame["agent"], "score": (top / weight).mask(failed, 0.0), "failed": failed})
        out = f.groupby("agent").mean()
        if parts:
            out = out.join(frame.groupby("agent")[list(marks.columns)].mean() / np.array([m for m, _ in CRITERIA]))
        return tidy(out.reset_index(), ["agent"])

    return tasks(contacts, nps, index, questions, None, card)


# ---------------------------------------------------------------- pyarrow
def pyarrow(table):
    pa.set_cpu_count(1)

    def contacts(keys, quantiles):
        if quantiles and keys:
            return None
        us = lambda name: table[name].cast(pa.int64())
        lost = pc.is_null(table["answered"])
        wait = pc.subtract(pc.coalesce(us("answered"), us("ended")), us("offered"))
        kept = pc.invert(lost)
        one = lambda mask: pc.cast(mask, pa.int32())
        short = pc.and_(lost, pc.less(wait, 5_000_000))
        columns = {f"in{t}": one(pc.and_(kept, pc.less_equal(wait, t * 1_000_000))) for t in SL}
        columns |= {"long": one(pc.and_not(lost, short)), "short": one(short), "w": pc.if_else(kept, wait, None)}
        columns["h"] = pc.add(pc.add(table["talk"], table["hold"]), table["wrap"])
        if keys:
            columns["queue"] = table["queue"]
        if "slot" in keys:
            columns["slot"] = pc.multiply(pc.divide(us("offered"), HALF_HOUR), HALF_HOUR)
        t = pa.table(columns)
        sums = [(c, "sum") for c in (*[f"in{t}" for t in SL], "long", "short")] + [("w", "mean"), ("h", "mean"), ("short", "count")]
        g = t.group_by(keys, use_threads=False).aggregate(sums)
        n = np.asarray(g["short_count"])
        out = {k: np.asarray(g[k].cast(pa.string())) for k in keys}
        out |= {f"sl{t}": np.asarray(g[f"in{t}_sum"]) / n for t in SL}
        out["abandoned"] = np.asarray(g["long_sum"]) / (n - np.asarray(g["short_sum"]))
        out["asa"], out["aht"] = np.asarray(g["w_mean"]) / 1e6, np.asarray(g["h_mean"])
        if quantiles:
            found = np.asarray(pc.quantile(columns["w"], list(QUANTILES))) / 1e6
            out |= {f"p{q}": found[i : i + 1] for i, q in enumerate(QUANTILES)}
        order = np.lexsort([out[k] for k in reversed(keys)]) if keys else slice(None)
        return {k: np.atleast_1d(v)[order] for k, v in out.items()}

    def nps():
        month = pc.floor_temporal(table["answered"], unit="month")
        s = table["score"]
        one = lambda mask: pc.cast(mask, pa.int32())
        t = pa.table({"dealer": table["dealer"], "slot": month, "n": s, "p": one(pc.greater_equal(s, 9)), "d": one(pc.less_equal(s, 6))})
        g = t.group_by(["dealer", "slot"], use_threads=False).aggregate([("n", "count"), ("p", "sum"), ("d", "sum")])
        nps = 100 * (np.asarray(g["p_sum"]) - np.asarray(g["d_sum"])) / np.asarray(g["n_count"])
        keys = [np.asarray(g[k].cast(pa.string())) for k in ("dealer", "slot")]
        order = np.lexsort(keys[::-1])
        return {"dealer": keys[0][order], "slot": keys[1][order], "nps": nps[order]}

    return tasks(contacts, nps, None, None, None, None)


def tasks(contacts, nps, index, questions, alpha, card):
    both = {
        "contacts: total, exact quantiles": lambda: contacts([], True),
        "contacts: by queue, exact quantiles": lambda: contacts(["queue"], True),
        "contacts: queue x 30 min, in order": lambda: contacts(["queue", "slot"], False),
        "nps: dealer x month": nps,
        "index: by dealer, score": index,
        "index: by dealer, question means": questions,
        "index: alpha and item-rest": alpha,
        "scorecard: by agent, score": card and (lambda: card(False)),
        "scorecard: by agent, criteria": card and (lambda: card(True)),
    }
    return {name: f for name, f in both.items() if f is not None}


# ---------------------------------------------------------------- response targets, in NumPy
def response(table):
    """Three ways: `busday_count` with the worked Saturday added by hand, with every closed date listed, and a table of
    open time by date. Each gives what its task asks for: columns, or met and mean time by channel."""
    channel = table["channel"].combine_chunks()
    code, names = channel.indices.to_numpy(), np.asarray(channel.dictionary)
    local = lambda name: pc.fill_null(table[name].cast(pa.int64()), 0).to_numpy() + MOSCOW
    created, done = local("created"), local("first_response")
    ok = pc.is_valid(table["first_response"]).to_numpy(zero_copy_only=False)
    allowed = np.array([TARGETS[name] for name in names.tolist()], np.int64) * 60 * US
    length = CLOSE - OPEN
    saturday = np.datetime64(WORKED, "D")
    dates = np.arange("2024-12-01", "2026-12-31", dtype="M8[D]")
    weekday = (dates.astype(np.int64) + 3) % 7
    closed = dates[((weekday >= 5) & (dates != saturday)) | np.isin(dates, np.array(OFF, "M8[D]"))]
    by_hand = np.busdaycalendar(holidays=OFF)
    listed = np.busdaycalendar(weekmask="1111111", holidays=closed)
    is_open = ~np.isin(dates, closed)
    first = dates[0].astype(np.int64)
    before = np.concatenate([[0], np.cumsum(is_open * length)])
    opening = (dates[is_open].astype(np.int64) * DAY + OPEN).astype(np.int64)

    def cut(at):
        day = at // DAY
        return day.astype("M8[D]"), at - day * DAY

    def within(open_, time):
        return open_ * np.clip(time - OPEN, 0, length)

    def hand(end):
        (d1, t1), (d2, t2) = cut(created), cut(end)
        open1 = np.is_busday(d1, busdaycal=by_hand) | (d1 == saturday)
        open2 = np.is_busday(d2, busdaycal=by_hand) | (d2 == saturday)
        days = np.busday_count(d1, d2, busdaycal=by_hand) + ((d1 <= saturday) & (d2 > saturday))
        used = within(open1, t1)
        return days * length + within(open2, t2) - used, lambda: next_day(d1, open1, used)

    def list_(end):
        (d1, t1), (d2, t2) = cut(created), cut(end)
        open1 = np.is_busday(d1, busdaycal=listed)
        used = within(open1, t1)
        elapsed = np.busday_count(d1, d2, busdaycal=listed) * length + within(np.is_busday(d2, busdaycal=listed), t2) - used
        return elapsed, lambda: next_day(d1, open1, used)

    def next_day(day, open_, used):
        target = allowed[code]
        left = np.where(open_, length - used, 0)
        after = np.busday_offset(day, open_.astype(np.int64), roll="forward", busdaycal=listed)
        same = open_ & (target <= left)
        return np.where(same, day.astype(np.int64) * DAY + OPEN + used + target, after.astype(np.int64) * DAY + OPEN + target - left)

    def table_(end):
        def up_to(at):
            day = at // DAY - first
            return before[day] + is_open[day] * np.clip(at - (day + first) * DAY - OPEN, 0, length)

        start = up_to(created)

        def due():
            reached = start + allowed[code]
            return opening[(reached - 1) // length] + (reached - 1) % length + 1

        return up_to(end) - start, due

    def columns(way):
        elapsed, due = way(np.where(ok, done, created))
        target = allowed[code]
        return {"due": due() - MOSCOW, "elapsed": np.where(ok, elapsed, -1), "met": ok & (elapsed <= target), "remaining": np.where(ok, target - elapsed, -1)}

    def by_channel(way):
        elapsed, _ = way(np.where(ok, done, created))
        n = np.bincount(code[ok], minlength=len(names))
        met = np.bincount(code[ok & (elapsed <= allowed[code])], minlength=len(names))
        mean = np.bincount(code, np.where(ok, elapsed, 0), len(names)) / n / US
        order = np.argsort(names.astype(str))
        return {"channel": names.astype(str)[order], "met": (met / n)[order], "elapsed": mean[order]}

    ways = {"numpy": hand, "numpy listed": list_, "numpy table": table_}
    return {name: {"response: columns": lambda way=way: columns(way), "response: by channel": lambda way=way: by_channel(way)} for name, way in ways.items()}
