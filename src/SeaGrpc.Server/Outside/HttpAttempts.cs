using System.Net;
using Polly;
using Polly.Retry;

namespace SeaGrpc.Server.Outside;

/// <summary>
/// Makes requests again that fail for a passing reason: no connection, 408, 429 and 5xx. Pauses grow and differ by chance, or are as long
/// as the server asks for in Retry-After.
/// </summary>
internal static class HttpAttempts
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>A pipeline of so many attempts in all.</summary>
    public static ResiliencePipeline<HttpResponseMessage> Of(int attempts) => attempts == 1
        ? ResiliencePipeline<HttpResponseMessage>.Empty
        : new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                Delay = FirstPause,
                MaxDelay = LongestPause,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                    .Handle<HttpRequestException>(failure => !IsTooLong(failure))
                    .HandleResult(response => IsPassing(response.StatusCode)),
                DelayGenerator = arguments => ValueTask.FromResult(Asked(arguments.Outcome.Result)),
            })
            .Build();

    /// <summary>Whether a status says that the same request may succeed later.</summary>
    public static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    /// <summary>Whether a reply was given up because of its length.</summary>
    public static bool IsTooLong(HttpRequestException failure) => failure.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded;

    // The pause that the server asks for; null if it asks for none.
    private static TimeSpan? Asked(HttpResponseMessage? response) => response?.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > DateTimeOffset.UtcNow ? date - DateTimeOffset.UtcNow : TimeSpan.Zero,
        _ => null,
    };
}
