using Google.Protobuf;
using Grpc.Core;
using SeaGrpc.Server.Errors;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Errors;
using SeaGrpc.V1;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>What the replay server answers: frames, then a status; or it hangs.</summary>
internal sealed record ReplayScript(IReadOnlyList<byte[]> Frames, RpcException? Error = null, bool Hangs = false);

/// <summary>The scripts by name; the part behind a slash only keeps callers apart.</summary>
internal static class ReplayScripts
{
    private const int LargeText = 6_000_000;
    private const string Pushback = "grpc-retry-pushback-ms";

    /// <summary>The script of an attempt.</summary>
    /// <param name="name">What the request's request_id says.</param>
    /// <param name="attempt">From 1.</param>
    public static ReplayScript Of(string name, int attempt) =>
        name.Split('/')[0] switch
        {
            "golden" => new([Transcript.Golden]),
            "newer-fields" => new([.. Golden().Select(WithUnknownFields)]),
            "newer-kind" => new([.. Golden().SelectMany(WithUnknownKind)]),
            "newer-reason" => new([
                Transcript.Frame(new StreamAlignResponse { Final = new AlignmentFinal { StopReason = (StopReason)99 } }),
            ]),
            "large" => new([
                Transcript.Frame(
                    new StreamAlignResponse
                    {
                        Final = new AlignmentFinal { Response = new ScoredResponse { Text = new string('å', LargeText) } },
                    }
                ),
            ]),
            "hang" => new(Beginning(), Hangs: true),
            "midway" => new(Beginning(), ErrorMapping.TryMap(new EngineUnavailableException(EngineState.Draining))),
            "busy" when attempt < 3 => new([], Plain(StatusCode.ResourceExhausted, "200")),
            "down" when attempt < 3 => new([], Plain(StatusCode.Unavailable, null)),
            "never" => new([], Plain(StatusCode.Unavailable, "-1")),
            "later" => new([], ErrorMapping.TryMap(new QueueTimeoutException(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)))),
            "status" => new([], Status(name.Split('/')[1])),
            _ => new([Transcript.Golden]),
        };

    private static IReadOnlyList<StreamAlignResponse> Golden() => Transcript.Read(Transcript.Golden);

    private static byte[][] Beginning() => [.. Golden().Take(2).Select(Transcript.Frame)];

    private static RpcException Plain(StatusCode code, string? pushback)
    {
        var trailers = new Metadata();
        if (pushback is not null)
        {
            trailers.Add(Pushback, pushback);
        }

        return new RpcException(new Status(code, "Refused by the script."), trailers);
    }

    private static RpcException? Status(string reason) =>
        reason switch
        {
            "MALFORMED_MESSAGE" => ErrorMapping.Malformed("The message is not a valid AlignRequest."),
            "DRAINING" => ErrorMapping.TryMap(new EngineUnavailableException(EngineState.Draining)),
            "DEVICE_LOST" => ErrorMapping.TryMap(new DeviceLostException(new InvalidOperationException())),
            "STALLED_READER" => ErrorMapping.TryMap(new StalledReaderException(TimeSpan.FromSeconds(30))),
            "CANCELLED" => ErrorMapping.TryMap(new OperationCanceledException()),
            _ => throw new ArgumentException($"No status for {reason}."),
        };

    /// <summary>
    /// As a server would that knows more fields: a number, a text, eight bytes and a message, in the event and inside it.
    /// </summary>
    private static byte[] WithUnknownFields(StreamAlignResponse message)
    {
        using var inner = new MemoryStream();
        using (var output = new CodedOutputStream(inner, leaveOpen: true))
        {
            output.WriteTag(1001, WireFormat.WireType.Varint);
            output.WriteUInt64(ulong.MaxValue);
            output.WriteTag(1002, WireFormat.WireType.LengthDelimited);
            output.WriteString("what a newer server says");
            output.WriteTag(1003, WireFormat.WireType.Fixed64);
            output.WriteFixed64(7);
        }

        byte[] unknown = inner.ToArray();
        StreamAlignResponse extended = message.Clone();
        IMessage? part = extended.EventCase switch
        {
            StreamAlignResponse.EventOneofCase.Started => extended.Started,
            StreamAlignResponse.EventOneofCase.Draft => extended.Draft,
            StreamAlignResponse.EventOneofCase.Iteration => extended.Iteration,
            StreamAlignResponse.EventOneofCase.Final => extended.Final,
            _ => null,
        };
        part?.MergeFrom(unknown);
        extended.MergeFrom(unknown);
        return Transcript.Frame(extended);
    }

    /// <summary>After the draft comes an event of a kind that this contract does not have: field 50, a message.</summary>
    private static IEnumerable<byte[]> WithUnknownKind(StreamAlignResponse message)
    {
        yield return Transcript.Frame(message);
        if (message.Draft is not null)
        {
            using var bytes = new MemoryStream();
            using (var output = new CodedOutputStream(bytes, leaveOpen: true))
            {
                output.WriteTag(1, WireFormat.WireType.Varint);
                output.WriteInt64(2);
                output.WriteTag(50, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(8, 1));
            }

            yield return Transcript.Frame(bytes.ToArray());
        }
    }
}
