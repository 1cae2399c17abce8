using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using SeaGrpc.Alignment;
using SeaGrpc.Server.Contract;
using SeaGrpc.Serving;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Telemetry;

/// <summary>
/// The span of a call, with attributes by OpenTelemetry's conventions for RPC and for generative AI where they fit, and under
/// <c>seagrpc.</c> where they do not. It contains no texts.
/// </summary>
internal static class CallSpan
{
    private const string Provider = "seagrpc";

    /// <summary>Statuses that are the server's failure and not the caller's.</summary>
    private static readonly HashSet<StatusCode> Failures =
    [
        StatusCode.Unknown, StatusCode.DeadlineExceeded, StatusCode.Unimplemented, StatusCode.Internal, StatusCode.Unavailable,
        StatusCode.DataLoss,
    ];

    /// <summary>
    /// Starts the span under the caller's own (metadata traceparent and tracestate). Null if nobody listens or the caller decided that its
    /// trace is not recorded.
    /// </summary>
    public static Activity? Start(ServerCallContext call)
    {
        if (!SeaTelemetry.Spans.HasListeners())
        {
            return null;
        }

        ActivityContext.TryParse(
            call.RequestHeaders.GetValue("traceparent"), call.RequestHeaders.GetValue("tracestate"), isRemote: true,
            out ActivityContext parent);
        Activity? around = Activity.Current;
        Activity.Current = null; // The host's own span of the request is not exported, so this one must not be its child.
        Activity? span = SeaTelemetry.Spans.StartActivity(call.Method.TrimStart('/'), ActivityKind.Server, parent);
        Activity.Current = span ?? around;
        return span;
    }

    /// <summary>Starts a child of the current span: a phase of a call. Null if the call is not traced.</summary>
    public static Activity? Phase(string name) => SeaTelemetry.Spans.StartActivity(name);

    /// <summary>Starts the span of one spec of a batch. Null if the call is not traced.</summary>
    /// <param name="index">Place of the spec in the request.</param>
    public static Activity? OfBatch(int index) => Phase("alignment")?.SetTag("seagrpc.batch.index", index);

    /// <summary>Says of a span why it ends without an answer.</summary>
    /// <param name="span">The span; null does nothing.</param>
    /// <param name="code">The status; not OK.</param>
    /// <param name="reason">The reason in the error's details; null or empty if it has none.</param>
    public static void Fail(Activity? span, StatusCode code, string? reason)
    {
        string? known = string.IsNullOrEmpty(reason) ? null : reason;
        span?.SetTag("error.type", known ?? StatusNames.Of(code));
        if (Failures.Contains(code))
        {
            span?.SetStatus(ActivityStatusCode.Error, known);
        }
    }

    /// <summary>Describes a call that has ended.</summary>
    /// <param name="span">Its span.</param>
    /// <param name="path">The RPC's path.</param>
    /// <param name="code">The status.</param>
    /// <param name="reason">The reason in the error's details; null if it was not an error.</param>
    public static void Describe(Activity span, string path, StatusCode code, string? reason)
    {
        span.SetTag("rpc.system.name", "grpc");
        span.SetTag("rpc.method", path.TrimStart('/'));
        span.SetTag("rpc.response.status_code", StatusNames.Of(code));
        if (code != StatusCode.OK)
        {
            Fail(span, code, reason);
        }
    }

    /// <summary>Describes the alignment of a call.</summary>
    /// <param name="span">The call's span.</param>
    /// <param name="asked">The request.</param>
    /// <param name="started">What started; null if nothing did.</param>
    /// <param name="final">How it ended; null if it has no answer.</param>
    public static void Describe(Activity span, AlignmentSpec asked, AlignmentStarted? started, AlignmentFinal? final)
    {
        (string method, string preset) = ContractMethod.NamesIn(asked);
        span.SetTag("gen_ai.operation.name", asked.Prompt?.ContentCase == Prompt.ContentOneofCase.Chat ? "chat" : "text_completion");
        span.SetTag("gen_ai.provider.name", Provider);
        span.SetTag("seagrpc.method", method);
        span.SetTag("seagrpc.preset", preset);
        if (started is not null)
        {
            Describe(span, started);
        }

        if (final is not null)
        {
            Describe(span, final);
        }
    }

    private static void Describe(Activity span, AlignmentStarted started)
    {
        AlignmentSpec spec = started.EffectiveSpec;
        span.SetTag("gen_ai.response.id", started.AlignmentId);
        span.SetTag("gen_ai.request.model", spec.PolicyModel);
        span.SetTag("gen_ai.response.model", spec.PolicyModel);
        span.SetTag("gen_ai.request.max_tokens", spec.MaxResponseTokens);
        span.SetTag("gen_ai.request.seed", unchecked((long)spec.Seed));
        span.SetTag("gen_ai.usage.input_tokens", started.PromptTokens);
        if (ContractMethod.In(spec) is { } method && method.MessageIn(spec) is { } parameters)
        {
            span.SetTag("gen_ai.request.temperature", Temperature(method, parameters));
        }

        if (spec.RequestId.Length > 0)
        {
            span.SetTag("seagrpc.request_id", spec.RequestId);
        }
    }

    private static void Describe(Activity span, AlignmentFinal final)
    {
        span.SetTag("gen_ai.usage.output_tokens", final.Response.TokenIds.Count);
        bool hasStopped = final.Response.EndsWithEos || final.Response.HasStopString;
        span.SetTag("gen_ai.response.finish_reasons", new[] { hasStopped ? "stop" : "length" });
        span.SetTag("seagrpc.stop_reason", final.StopReason.ToString());
        span.SetTag("seagrpc.iterations", final.IterationsRun);
        span.SetTag("seagrpc.cost.policy_tokens", final.Cost.PolicyTokens);
        span.SetTag("seagrpc.cost.reward_tokens", final.Cost.RewardTokens);
        span.SetTag("seagrpc.cost.reused_tokens", final.Cost.ReusedTokens);
        span.SetTag("seagrpc.replayed", final.Replayed);
        if (!final.Response.Unscored && !final.Draft.Unscored)
        {
            span.SetTag("seagrpc.energy.draft", final.Draft.Energy);
            span.SetTag("seagrpc.energy.answer", final.Response.Energy);
            span.SetTag("seagrpc.reward.draft", final.Draft.Reward);
            span.SetTag("seagrpc.reward.answer", final.Response.Reward);
        }
    }

    private static object? Temperature(ContractMethod method, IMessage parameters) =>
        method.Parameters.FirstOrDefault(own => own.Parameter.Property == nameof(MethodParameters.SamplingTemperature))?.Get(parameters);
}
