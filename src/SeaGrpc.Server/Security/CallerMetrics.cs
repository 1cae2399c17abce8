using System.Diagnostics.Metrics;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Security;

/// <summary>
/// What the callers of the operator's file use, in the meter <c>SeaGrpc</c>. Only their names are tags, so there are no more series than
/// the file has callers.
/// </summary>
internal sealed class CallerMetrics
{
    private readonly Counter<long> _runs;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _refused;

    public CallerMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create(new MeterOptions(SeaTelemetry.Name));
        _runs = meter.CreateCounter<long>("seagrpc.caller.calls", "{call}", "Alignments and scores that a caller began, by caller.");
        _tokens = meter.CreateCounter<long>("seagrpc.caller.tokens", "{token}", "Tokens that the models read for a caller, by caller.");
        _refused = meter.CreateCounter<long>(
            "seagrpc.caller.refused", "{call}", "Calls beyond what a caller may do, by caller and reason.");
    }

    /// <summary>Counts an alignment or a score that begins.</summary>
    public void Begin(string caller) => _runs.Add(1, Tag(caller));

    /// <summary>Counts what one has read.</summary>
    public void End(string caller, long tokens) => _tokens.Add(tokens, Tag(caller));

    /// <summary>Counts a refusal.</summary>
    public void Refuse(string caller, string reason) => _refused.Add(1, Tag(caller), new("reason", reason));

    private static KeyValuePair<string, object?> Tag(string caller) => new("caller", caller);
}
