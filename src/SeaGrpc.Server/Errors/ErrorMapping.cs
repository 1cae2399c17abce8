using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Errors;
using Status = Google.Rpc.Status;

namespace SeaGrpc.Server.Errors;

/// <summary>Maps failures to statuses: code, message, google.rpc details and trailers. This is the only place that does.</summary>
internal static class ErrorMapping
{
    /// <summary>Domain of every <see cref="ErrorInfo"/>.</summary>
    public const string Domain = "seagrpc";

    /// <summary>
    /// Maximum size of a status in bytes. grpc-java and gRPC's C core refuse trailers over 8 KiB. The trailers contain the status as base64
    /// next to its message, and every header counts 32 bytes more than its length.
    /// </summary>
    private const int MostStatusBytes = 4200;

    /// <summary>Maximum bytes of a message or description as encoded in grpc-message.</summary>
    private const int MostMessageBytes = 1200;

    /// <summary>The reason of <see cref="TooManyCalls"/>.</summary>
    public const string TooManyCallsReason = "TOO_MANY_CALLS";

    private const string PushbackTrailer = "grpc-retry-pushback-ms";

    /// <summary>The status of a known failure, or null.</summary>
    public static RpcException? TryMap(Exception failure) =>
        failure switch
        {
            RpcException already => already,
            InvalidRequestException invalid => Invalid(invalid.Violations, invalid.Unlisted),
            UnknownModelException unknown => Make(
                Code.NotFound,
                unknown.Message,
                Info("UNKNOWN_MODEL"),
                new ResourceInfo
                {
                    ResourceType = "sea.v1.Model",
                    ResourceName = CallerText.Shown(unknown.Name),
                    Description = Shown(unknown.Message),
                }
            ),
            RequestIdReusedException reused => Invalid([new Violation("spec.request_id", reused.Message, "REQUEST_ID_REUSED")]),
            DuplicateRequestException duplicate => Make(
                Code.AlreadyExists,
                duplicate.Message,
                Info("REQUEST_IN_FLIGHT", ("request_id", CallerText.Shown(duplicate.RequestId)))
            ),
            QueueFullException full => Retry(Code.ResourceExhausted, full.Message, "QUEUE_FULL", full.RetryAfter),
            QueueTimeoutException timeout => Retry(Code.ResourceExhausted, timeout.Message, "QUEUE_TIMEOUT", timeout.RetryAfter),
            EngineUnavailableException unavailable => Retry(
                Code.Unavailable,
                unavailable.Message,
                Reason(unavailable.State),
                unavailable.RetryAfter
            ),
            PairUnavailableException { IsSettings: true } failed => Make(Code.FailedPrecondition, failed.Message, Info("MODEL_UNUSABLE")),
            PairUnavailableException failed => Retry(Code.Unavailable, failed.Message, "MODEL_UNAVAILABLE", failed.RetryAfter),
            PairMemoryException memory => Retry(Code.ResourceExhausted, memory.Message, "MODEL_MEMORY", memory.RetryAfter),
            DeviceLostException lost => Retry(Code.Unavailable, lost.Message, Reason(EngineState.Failed), TimeSpan.FromSeconds(1)),
            JobTooLargeException large => Invalid([new Violation("spec", large.Message, "TOO_LARGE")]),
            AnswerTooLongException answer => Invalid([new Violation("spec.max_response_tokens", answer.Message, "TOO_LONG")]),
            DeviceMemoryException memory => Make(Code.ResourceExhausted, memory.Message, Info("DEVICE_MEMORY")),
            PolicyFailedException { IsMalformed: true } malformed => Make(Code.Internal, malformed.Message, Info("ENGINE_MALFORMED")),
            PolicyFailedException failed => Retry(Code.Unavailable, failed.Message, "ENGINE_UNAVAILABLE", TimeSpan.FromSeconds(1)),
            RewardFailedException { IsMalformed: true } malformed => Make(Code.Internal, malformed.Message, Info("REWARD_MALFORMED")),
            RewardFailedException failed => Retry(Code.Unavailable, failed.Message, "REWARD_UNAVAILABLE", TimeSpan.FromSeconds(1)),
            NumericFailureException numeric => Make(Code.Internal, numeric.Message, Info("NUMERIC_FAILURE")),
            TooLittleTimeException { IsHopeless: true } hopeless => Make(
                Code.DeadlineExceeded,
                hopeless.Message,
                Info("TOO_LITTLE_TIME", ("fitting_tokens", hopeless.FittingTokens.ToString(CultureInfo.InvariantCulture)))
            ),
            TooLittleTimeException busy => Retry(Code.ResourceExhausted, busy.Message, "TOO_LITTLE_TIME", busy.Others),
            QueueTooLongException busy => Retry(Code.ResourceExhausted, busy.Message, "TOO_LITTLE_TIME", busy.RetryAfter),
            AlignmentDeadlineException late => Make(Code.DeadlineExceeded, late.Message, Info("NO_RESPONSE_IN_TIME")),
            StalledReaderException stalled => Make(Code.Aborted, stalled.Message, Info("STALLED_READER")),
            AlignmentCancelledException cancelled => Make(Code.Cancelled, cancelled.Message, Info("CANCELLED")),
            OperationCanceledException => Make(Code.Cancelled, "The call was cancelled.", Info("CANCELLED")),
            _ => null,
        };

    /// <summary>The status of an unexpected failure. It reveals no internal details.</summary>
    public static RpcException Unexpected() =>
        Make(Code.Internal, "The server failed unexpectedly; see its log.", Info("UNEXPECTED"));

    /// <summary>A missing or wrong token.</summary>
    public static RpcException Unauthenticated(string reason, string message) => Make(Code.Unauthenticated, message, Info(reason));

    /// <summary>The token file cannot be read at the moment.</summary>
    public static RpcException TokenUnreadable() => Retry(
        Code.Unavailable, "The server cannot read its token file; see its log.", "TOKEN_UNREADABLE",
        TimeSpan.FromSeconds(1));

    /// <summary>A caller has as many calls at once as it may.</summary>
    public static RpcException TooManyCalls(string caller, int most, TimeSpan after) => Retry(
        Code.ResourceExhausted,
        $"The caller {caller} has {most} calls at once, as many as it may; try again when one has ended.",
        TooManyCallsReason, after, ("caller", caller), ("max", Text(most)));

    /// <summary>A caller has used the tokens that it may use for now.</summary>
    public static RpcException TokensUsed(string caller, long perMinute, TimeSpan after) => Retry(
        Code.ResourceExhausted,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The caller {caller} has used its {perMinute} tokens a minute; try again in {after.TotalSeconds:0.0} s."),
        "TOKEN_QUOTA", after, ("caller", caller), ("max", Text(perMinute)));

    /// <summary>A caller may not use a method.</summary>
    public static RpcException MethodNotAllowed(string caller, string method, IEnumerable<string> allowed) =>
        NotAllowed("METHOD_NOT_ALLOWED", caller, "use the method", "method", method, allowed);

    /// <summary>A caller may not call an RPC.</summary>
    public static RpcException RpcNotAllowed(string caller, string rpc, IEnumerable<string> allowed) =>
        NotAllowed("RPC_NOT_ALLOWED", caller, "call", "rpc", rpc, allowed);

    /// <summary>A message that is not valid protobuf or not valid gRPC.</summary>
    public static RpcException Malformed(string message) => Make(
        Code.InvalidArgument, message, Info("MALFORMED_MESSAGE"),
        new BadRequest { FieldViolations = { Field(new Violation(string.Empty, message, "MALFORMED_MESSAGE")) } });

    /// <summary>A message over the operator's limit.</summary>
    /// <param name="most">Limit in bytes.</param>
    /// <param name="size">The size of the message, in words.</param>
    public static RpcException MessageTooLong(int most, string size) => Make(
        Code.ResourceExhausted,
        $"A request message may have at most {most} bytes, but has {size}; send less, or raise SeaGrpc:Transport:MaxRequestBytes.",
        Info("MESSAGE_TOO_LONG", ("max", most.ToString(CultureInfo.InvariantCulture))));

    /// <summary>Too many long requests are in progress.</summary>
    public static RpcException InboundFull() => Retry(
        Code.ResourceExhausted, "The server has too many long requests at once.", "INBOUND_FULL", TimeSpan.FromSeconds(1));

    /// <summary>The deadline passed while the call was being prepared.</summary>
    public static RpcException DeadlinePassed() =>
        Make(Code.DeadlineExceeded, "The deadline passed before there was a response.", Info("NO_RESPONSE_IN_TIME"));

    /// <summary>The caller disconnected or reset the call.</summary>
    public static RpcException CallerGone() => Make(Code.Cancelled, "The caller abandoned the call.", Info("CANCELLED"));

    private static RpcException Invalid(IReadOnlyList<Violation> violations, int unlisted = 0)
    {
        Violation first = violations[0];
        Violation named = violations.FirstOrDefault(violation => violation.Max is not null) ?? first;
        ErrorInfo info = Info(first.Reason, ("field", named.Field));
        AddBound(info, "min", named.Min);
        AddBound(info, "max", named.Max);
        AddBound(info, "actual", named.Actual);
        int others = violations.Count + unlisted - 1;
        string more = others > 0 ? $" (and {others} more violation{(others > 1 ? "s" : "")}, see the details)" : string.Empty;
        string message = $"{(first.Field.Length == 0 ? "" : first.Field + ": ")}{Shown(first.Description)}{more}";
        BadRequest request = ListedViolations.Of(
            violations.Select(Field), unlisted, MostStatusBytes - Encoding.UTF8.GetByteCount(message) - info.CalculateSize());
        return Make(Code.InvalidArgument, message, info, request);
    }

    private static RpcException NotAllowed(
        string reason, string caller, string verb, string key, string name, IEnumerable<string> allowed)
    {
        string others = string.Join(", ", allowed.Order(StringComparer.Ordinal));
        return Make(
            Code.PermissionDenied,
            $"The caller {caller} may not {verb} {name}; allowed: {others}.",
            Info(reason, ("caller", caller), (key, name), ("allowed", others)));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static RpcException Retry(
        Code code, string message, string reason, TimeSpan after, params (string Key, string Value)[] metadata)
    {
        RpcException error = Make(code, message, Info(reason, metadata), new RetryInfo { RetryDelay = Duration.FromTimeSpan(after) });
        error.Trailers.Add(PushbackTrailer, Math.Ceiling(after.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        return error;
    }

    private static RpcException Make(Code code, string message, params IMessage[] details) =>
        new Status { Code = (int)code, Message = Shown(message), Details = { details.Select(Any.Pack) } }.ToRpcException();

    private static ErrorInfo Info(string reason, params (string Key, string Value)[] metadata)
    {
        var info = new ErrorInfo { Reason = reason, Domain = Domain };
        foreach ((string key, string value) in metadata)
        {
            info.Metadata.Add(key, value);
        }

        return info;
    }

    private static void AddBound(ErrorInfo info, string key, string? value)
    {
        if (value is not null)
        {
            info.Metadata.Add(key, value);
        }
    }

    private static BadRequest.Types.FieldViolation Field(Violation violation) =>
        new() { Field = violation.Field, Description = Shown(violation.Description), Reason = violation.Reason };

    /// <summary>Messages may contain text from callers, for example in a chat template's own refusal.</summary>
    private static string Shown(string message) => CallerText.Message(message, MostMessageBytes);

    private static string Reason(EngineState state) => state switch
    {
        EngineState.Loading => "LOADING",
        EngineState.Failed => "DEVICE_LOST",
        _ => "DRAINING",
    };
}
