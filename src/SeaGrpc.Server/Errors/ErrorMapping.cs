using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using SeaGrpc.Alignment;
using SeaGrpc.Server.Validation;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Errors;
using Status = Google.Rpc.Status;

namespace SeaGrpc.Server.Errors;

/// <summary>The one place where a failure gets its status: code, message, google.rpc details and trailers.</summary>
internal static class ErrorMapping
{
    /// <summary>Domain of every <see cref="ErrorInfo"/>.</summary>
    public const string Domain = "seagrpc";

    private const string PushbackTrailer = "grpc-retry-pushback-ms";

    /// <summary>The status of a known failure, or null.</summary>
    public static RpcException? TryMap(Exception failure) => failure switch
    {
        RpcException already => already,
        InvalidRequestException invalid => Invalid(invalid.Violations),
        UnknownModelException unknown => Make(
            Code.NotFound,
            unknown.Message,
            Info("UNKNOWN_MODEL"),
            new ResourceInfo { ResourceType = "sea.v1.Model", ResourceName = unknown.Name, Description = unknown.Message }),
        RequestIdReusedException reused => Invalid([new Violation("spec.request_id", reused.Message, "REQUEST_ID_REUSED")]),
        DuplicateRequestException duplicate => Make(Code.AlreadyExists, duplicate.Message, Info("REQUEST_IN_FLIGHT", ("request_id", duplicate.RequestId))),
        QueueFullException full => Retry(Code.ResourceExhausted, full.Message, "QUEUE_FULL", full.RetryAfter),
        QueueTimeoutException timeout => Retry(Code.ResourceExhausted, timeout.Message, "QUEUE_TIMEOUT", timeout.RetryAfter),
        EngineUnavailableException unavailable => Retry(Code.Unavailable, unavailable.Message, Reason(unavailable.State), unavailable.RetryAfter),
        DeviceLostException lost => Retry(Code.Unavailable, lost.Message, Reason(EngineState.Failed), TimeSpan.FromSeconds(1)),
        JobTooLargeException large => Invalid([new Violation("spec", large.Message, "TOO_LARGE")]),
        DeviceMemoryException memory => Make(Code.ResourceExhausted, memory.Message, Info("DEVICE_MEMORY")),
        NumericFailureException numeric => Make(Code.Internal, numeric.Message, Info("NUMERIC_FAILURE")),
        AlignmentDeadlineException late => Make(Code.DeadlineExceeded, late.Message, Info("NO_RESPONSE_IN_TIME")),
        StalledReaderException stalled => Make(Code.Aborted, stalled.Message, Info("STALLED_READER")),
        AlignmentCancelledException cancelled => Make(Code.Cancelled, cancelled.Message, Info("CANCELLED")),
        OperationCanceledException => Make(Code.Cancelled, "The call was cancelled.", Info("CANCELLED")),
        _ => null,
    };

    /// <summary>The status of a failure that nobody foresaw; it tells nothing of the inside.</summary>
    public static RpcException Unexpected() =>
        Make(Code.Internal, "The server failed unexpectedly; its log says more.", Info("UNEXPECTED"));

    /// <summary>A missing or wrong token.</summary>
    public static RpcException Unauthenticated(string reason, string message) => Make(Code.Unauthenticated, message, Info(reason));

    /// <summary>A message that is no valid protobuf.</summary>
    public static RpcException Malformed(string message) => Make(
        Code.InvalidArgument, message, Info("MALFORMED_MESSAGE"), new BadRequest { FieldViolations = { Field(new Violation(string.Empty, message, "MALFORMED_MESSAGE")) } });

    private static RpcException Invalid(IReadOnlyList<Violation> violations)
    {
        var request = new BadRequest { FieldViolations = { violations.Select(Field) } };
        Violation named = violations.FirstOrDefault(violation => violation.Max is not null) ?? violations[0];
        ErrorInfo info = Info(violations[0].Reason, ("field", named.Field));
        AddBound(info, "min", named.Min);
        AddBound(info, "max", named.Max);
        AddBound(info, "actual", named.Actual);
        string more = violations.Count > 1 ? $" (and {violations.Count - 1} more violation{(violations.Count > 2 ? "s" : "")}, see the details)" : string.Empty;
        return Make(Code.InvalidArgument, $"{violations[0].Field}: {violations[0].Description}{more}", info, request);
    }

    private static RpcException Retry(Code code, string message, string reason, TimeSpan after)
    {
        RpcException error = Make(code, message, Info(reason), new RetryInfo { RetryDelay = Duration.FromTimeSpan(after) });
        error.Trailers.Add(PushbackTrailer, Math.Ceiling(after.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        return error;
    }

    private static RpcException Make(Code code, string message, params IMessage[] details) =>
        new Status { Code = (int)code, Message = message, Details = { details.Select(Any.Pack) } }.ToRpcException();

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
        new() { Field = violation.Field, Description = violation.Description, Reason = violation.Reason };

    private static string Reason(EngineState state) => state switch
    {
        EngineState.Loading => "LOADING",
        EngineState.Failed => "DEVICE_LOST",
        _ => "DRAINING",
    };
}
