using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf;
using SeaGrpc.V1;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>Compares what a runner saw with what a case expects.</summary>
internal sealed class Judgement(ReplayServer replay, SeenMetadata seen)
{
    private static readonly string[] Kinds = ["queued", "started", "draft", "iteration", "final"];
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default);

    /// <summary>What every language said first of a case's path.</summary>
    private readonly Dictionary<string, string> _said = [];

    /// <summary>What is wrong; empty if nothing is.</summary>
    public IReadOnlyList<string> Faults(JsonObject @case, JsonObject observed, string language)
    {
        JsonObject expect = @case["expect"]!.AsObject();
        JsonObject error = observed["error"]?.AsObject() ?? [];
        JsonArray events = observed["events"]!.AsArray();
        var faults = new List<string>();
        Check("outcome", (string)expect["outcome"]!, (string?)observed["outcome"]);
        foreach (string name in new[] { "code", "reason" })
        {
            if (expect[name] is { } wanted)
            {
                Check(name, (string)wanted!, (string?)error[name]);
            }
        }

        if (expect["message"] is { } message && !((string?)error["message"] ?? "").Contains((string)message!, StringComparison.Ordinal))
        {
            faults.Add($"message is '{error["message"]}', without '{message}'");
        }

        if (expect["retry"] is { } retry)
        {
            Check("retry", (bool)retry, error["retry_after_ms"] is not null && (double)error["retry_after_ms"]! > 0);
        }

        if (expect["metadata"] is { } metadata)
        {
            Match("metadata", metadata, error["metadata"]);
        }

        if (expect["violations"] is JsonObject violations)
        {
            Check(
                "violations",
                string.Join(", ", violations.Select(pair => $"{pair.Key}={pair.Value}").Order()),
                string.Join(", ", (error["violations"]?.AsArray() ?? []).Select(pair => $"{pair!["field"]}={pair["reason"]}").Order()));
            if ((error["violations"]?.AsArray() ?? []).Any(violation => string.IsNullOrEmpty((string?)violation!["description"])))
            {
                faults.Add("a violation has no description");
            }
        }

        if (expect["many_violations"] is { } many)
        {
            Many(many, error["violations"]?.AsArray() ?? []);
        }

        if (expect["arrived"] is { } called)
        {
            Arrived((string)called!);
        }

        if (expect["kinds"] is { } kinds && !Regex.IsMatch(KindsOf(events), $"^{kinds}$"))
        {
            faults.Add($"events are '{KindsOf(events)}', not '{kinds}'");
        }

        if (expect["response"] is { } response)
        {
            Match("response", response, observed["response"]);
        }

        if (expect["last"] is { } last)
        {
            Match("last event", last, events.LastOrDefault());
        }

        if (expect["characters"] is { } characters)
        {
            Check("characters", (int)characters, ((string?)events[0]?["final"]?["response"]?["text"])?.Length);
        }

        if (expect["transcript"] is not null)
        {
            SameAsGolden(events);
        }
        else
        {
            Gapless(events);
        }

        foreach (JsonNode? path in expect["alike"]?.AsArray() ?? [])
        {
            Alike((string)@case["name"]!, (string)path!, observed["response"] ?? events.LastOrDefault());
        }

        Attempts();
        return faults;

        void Check<T>(string what, T wanted, T seen)
        {
            if (!Equals(wanted, seen))
            {
                faults.Add($"{what} is '{seen}', not '{wanted}'");
            }
        }

        void Match(string what, JsonNode? wanted, JsonNode? seen)
        {
            switch (wanted)
            {
                case JsonObject { Count: 1 } least when least["$min"] is { } bound:
                    if (seen is null || !(Number(seen) >= (double)bound))
                    {
                        faults.Add($"{what} is {seen?.ToJsonString() ?? "absent"}, not at least {bound}");
                    }

                    break;
                case JsonObject { Count: 1 } there when there["$exists"] is not null:
                    if (seen is null)
                    {
                        faults.Add($"{what} is absent");
                    }

                    break;
                case JsonObject fields:
                    foreach ((string name, JsonNode? value) in fields)
                    {
                        Match($"{what}.{name}", value, (seen as JsonObject)?[name]);
                    }

                    break;
                case JsonArray items:
                    for (int at = 0; at < items.Count; at++)
                    {
                        Match($"{what}[{at}]", items[at], (seen as JsonArray)?.ElementAtOrDefault(at));
                    }

                    break;
                default:
                    // proto3 JSON leaves false out.
                    JsonNode? shown = seen ?? (wanted?.ToJsonString() == "false" ? false : null);
                    if (shown?.ToString() != wanted?.ToString())
                    {
                        faults.Add($"{what} is {seen?.ToJsonString() ?? "absent"}, not {wanted?.ToJsonString()}");
                    }

                    break;
            }
        }

        void Many(JsonNode wanted, JsonArray listed)
        {
            string[] fields = [.. listed.SkipLast(1).Select(violation => $"{violation!["field"]}={violation["reason"]}")];
            string[] inOrder =
                [.. fields.Select((_, index) => ((string)wanted["each"]!).Replace("{index}", $"{index}", StringComparison.Ordinal))];
            if (fields.Length < (int)wanted["least"]! || !fields.SequenceEqual(inOrder))
            {
                faults.Add($"violations are {string.Join(", ", fields)}");
            }

            Check(
                "last violation", $"MORE_VIOLATIONS: and {(int)wanted["all"]! - fields.Length} more violations, which are not listed",
                $"{listed.LastOrDefault()?["reason"]}: {listed.LastOrDefault()?["description"]}");
        }

        void Arrived(string path)
        {
            JsonObject sent = @case["metadata"]!.AsObject();
            IReadOnlyDictionary<string, string>? came = seen.Of(path, ConformanceCases.Named((string)sent[SeenMetadata.Name]!, language));
            foreach ((string name, JsonNode? value) in sent)
            {
                Check($"metadata {name} of {path}", ConformanceCases.Named((string)value!, language), came?.GetValueOrDefault(name));
            }
        }

        void Gapless(JsonArray all)
        {
            long[] sequence =
                [.. all.Select(each => long.Parse((string?)each!["sequence"]?.ToString() ?? "0", CultureInfo.InvariantCulture))];
            if (observed["response"] is null
                && expect["kinds"] is not null
                && !KindsOf(all).Contains("unknown", StringComparison.Ordinal)
                && (string?)@case["server"] != "@replay"
                && !sequence.SequenceEqual(Enumerable.Range(0, sequence.Length).Select(number => (long)number)))
            {
                faults.Add($"sequence is {string.Join(' ', sequence)}");
            }
        }

        void SameAsGolden(JsonArray all)
        {
            string[] wanted = [.. File.ReadAllLines(Path.Combine(Transcript.Folder, "golden.jsonl"))];
            StreamAlignResponse[] golden = [.. wanted.Select(Parser.Parse<StreamAlignResponse>)];
            StreamAlignResponse[] seen = [.. all.Select(each => Parser.Parse<StreamAlignResponse>(each!.ToJsonString()))];
            if (!golden.SequenceEqual(seen))
            {
                faults.Add("the transcript was decoded otherwise");
            }
        }

        void Alike(string name, string path, JsonNode? message)
        {
            string seen = path.Split('.').Aggregate(message, (node, part) => node?[part])?.ToJsonString() ?? "absent";
            if (seen == "absent" || (_said.TryAdd($"{name} {path}", seen) ? seen : _said[$"{name} {path}"]) != seen)
            {
                faults.Add($"{path} is {seen}, in another language {_said.GetValueOrDefault($"{name} {path}")}");
            }
        }

        void Attempts()
        {
            if (expect["attempts"] is not { } wanted)
            {
                return;
            }

            IReadOnlyList<long> times = replay.Attempts(ConformanceCases.Named((string)@case["request"]!["spec"]!["requestId"]!, language));
            Check("attempts", (int)wanted, times.Count);
            if (expect["pushback_ms"] is { } pushback
                && times.Count > 1
                && Stopwatch.GetElapsedTime(times[0], times[1]).TotalMilliseconds < (int)pushback)
            {
                faults.Add($"came back after {Stopwatch.GetElapsedTime(times[0], times[1]).TotalMilliseconds:0} ms, not {pushback}");
            }
        }
    }

    private static string KindsOf(JsonArray events) =>
        string.Join(' ', events.Select(each => Kinds.FirstOrDefault(kind => each![kind] is not null) ?? "unknown"));

    private static double Number(JsonNode node) => double.Parse(node.ToString(), CultureInfo.InvariantCulture);
}
