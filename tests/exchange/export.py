#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# A tracking log, or a message trace in JSON, as PowerShell exports it: "Get-MessageTrackingLog |
# Export-Csv", "... | ConvertTo-Json", "Get-MessageTraceV2 | Export-Csv". export.py WHAT WORDS FILE...
# writes to standard output. WHAT is tracking, json (a tracking log's; WORDS is lines or compressed) or
# trace. WORDS, separated by commas: the region whose dates are written
# (us, us-narrow, de, gb, se, jp, hu), what stands between cells (semicolon, tab), how lists are joined
# (blank, comma) or not (lost; references: their references only), type (the #TYPE line), the encoding
# (bom, utf-16-le, utf-16-be).
import csv
import datetime
import json
import re
import sys

TRACKING = (
    "PSComputerName,RunspaceId,PSShowComputerName,Timestamp,ClientIp,ClientHostname,ServerIp,ServerHostname,SourceContext,"
    "ConnectorId,Source,EventId,InternalMessageId,MessageId,NetworkMessageId,Recipients,RecipientStatus,TotalBytes,"
    "RecipientCount,RelatedRecipientAddress,Reference,MessageSubject,Sender,ReturnPath,Directionality,TenantId,"
    "OriginalClientIp,MessageInfo,MessageLatency,MessageLatencyType,EventData,TransportTrafficType,SchemaVersion").split(",")
TRACE = (
    "PSComputerName,RunspaceId,PSShowComputerName,Organization,MessageId,Received,SenderAddress,RecipientAddress,Subject,"
    "Status,ToIP,FromIP,Size,MessageTraceId,StartDate,EndDate,Index").split(",")
NAMES = {"Timestamp": "date-time", "Recipients": "recipient-address", "Sender": "sender-address"}
LISTS = ("Recipients", "RecipientStatus", "Reference")
OF_SHELL = {"PSComputerName": "mbx1.example.org", "RunspaceId": "6f1e9c1a-7a36-4b8e-9a10-6d1b2a0d1c11",
            "PSShowComputerName": "False",
            "EventData": "System.Collections.Generic.KeyValuePair`2[System.String,System.Object][]"}

REGIONS = {
    "us": lambda t: "%d/%d/%d %d:%s" % (t.month, t.day, t.year, t.hour % 12 or 12, t.strftime("%M:%S %p")),
    "us-narrow": lambda t: "%d/%d/%d %d:%s\u202f%s" % (t.month, t.day, t.year, t.hour % 12 or 12, t.strftime("%M:%S"), t.strftime("%p")),
    "de": lambda t: t.strftime("%d.%m.%Y %H:%M:%S"),
    "gb": lambda t: t.strftime("%d/%m/%Y %H:%M:%S"),
    "se": lambda t: t.strftime("%Y-%m-%d %H:%M:%S"),
    "jp": lambda t: t.strftime("%Y/%m/%d ") + "%d:%s" % (t.hour, t.strftime("%M:%S")),
    "hu": lambda t: t.strftime("%Y. %m. %d. ") + "%d:%s" % (t.hour, t.strftime("%M:%S")),
}


def quoted(value):
    return '"' + str("" if value is None else value).replace('"', '""') + '"'


def time(text):
    return datetime.datetime.strptime(text[:23], "%Y-%m-%dT%H:%M:%S.%f")


def log_rows(paths):
    fields = []  # a file without a header has those of the one before
    for path in paths:
        for line in open(path, encoding="utf-8-sig", newline=""):
            if line.startswith("#Fields: "):
                fields = line[9:].strip().split(",")
            elif not line.startswith("#"):
                yield dict(zip(fields, next(csv.reader([line.rstrip("\r\n")]))))


def latency(row):
    """As a TimeSpan, of the whole way, where the row tells it."""
    told = re.search(r"E2ELatency=([0-9.]+)", row.get("custom-data", ""))
    seconds = float(told[1]) if told else 0
    return "%02d:%02d:%010.7f" % (seconds // 3600, seconds % 3600 // 60, seconds % 60) if told else ""


def tracking(row, words, region):
    """One row, in the order of TRACKING."""
    between = " " if "blank" in words else ", " if "comma" in words else ";"
    for name in TRACKING:
        logged = NAMES.get(name, re.sub("(?<!^)([A-Z])", r"-\1", name).lower())
        value = OF_SHELL.get(name, row.get(logged, ""))
        if name == "Timestamp":
            value = region(time(value))
        elif name == "MessageLatency":
            value = latency(row)
        elif name == "MessageLatencyType":
            value = "EndToEnd" if latency(row) else "None"
        elif name in LISTS and value:
            lost = "lost" in words or (name == "Reference" and "references" in words)
            value = "System.String[]" if lost else between.join(part for part in value.split(";") if part)
        yield value


def tracking_json(rows, words):
    """With lists and objects in them; the time as Windows PowerShell has it."""
    objects = []
    for row in sorted(rows, key=lambda row: row["date-time"]):
        values = dict(zip(TRACKING, tracking(row, words, str)))
        values.update({name: [part for part in values[name].split(";") if part] for name in LISTS})
        values["Timestamp"] = "/Date(%d)/" % round(1000 * time(row["date-time"]).replace(tzinfo=datetime.timezone.utc).timestamp())
        told = re.search(r"E2ELatency=([0-9.]+)", row["custom-data"])
        values["EventData"] = [{"Key": "E2ELatency", "Value": told[1]}, {"Key": "x", "Value": "{"}] if told else []
        objects.append(values)
    return json.dumps(objects, indent=4 if "lines" in words else None) + "\n"


def main():
    what, words, paths = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
    if what == "json":
        print(tracking_json(log_rows(paths), words), end="")
        return
    comma = ";" if "semicolon" in words else "\t" if "tab" in words else ","
    region = next(REGIONS[word] for word in words if word in REGIONS)
    lines = ["#TYPE Microsoft.Exchange.Management.TransportLogSearchTasks.MessageTrackingEvent"] if "type" in words else []
    if what == "tracking":
        lines.append(comma.join(map(quoted, TRACKING)))
        for row in sorted(log_rows(paths), key=lambda row: row["date-time"]):
            lines.append(comma.join(map(quoted, tracking(row, words, region))))
    else:
        lines.append(comma.join(map(quoted, TRACE)))
        for row in json.load(open(paths[0])):
            row.update(OF_SHELL, **{name: region(time(row[name])) for name in ("Received", "StartDate", "EndDate")})
            lines.append(comma.join(quoted(row.get(name, "")) for name in TRACE))
    encoding = next((word for word in words if word.startswith("utf-16")), "utf-8")
    text = ("\ufeff" if "bom" in words else "") + "\r\n".join(lines) + "\r\n"
    sys.stdout.buffer.write(text.encode(encoding))


main()
