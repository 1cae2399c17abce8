using System.Diagnostics;

namespace SeaGrpc.Bench.Engines;

/// <summary>One call as its caller and the engine saw it.</summary>
/// <param name="Seconds">From the call to the final.</param>
/// <param name="EngineSeconds">Time in which at least one of its requests was at the engine.</param>
/// <param name="Turns">How often it went to the engine, with as many requests as a turn had.</param>
/// <param name="Requests">Requests to the engine.</param>
/// <param name="Iterations">Iterations that the method made.</param>
/// <param name="PolicyTokens">Positions that the method needed of the policy.</param>
/// <param name="EngineRead">Tokens that the engine was given.</param>
/// <param name="EngineDrawn">Tokens that it drew.</param>
internal sealed record EngineCall(
    double Seconds, double EngineSeconds, int Turns, int Requests, int Iterations, long PolicyTokens, long EngineRead, long EngineDrawn)
{
    /// <summary>The time and number of turns of requests that overlap or not.</summary>
    public static (double Seconds, int Turns) Union(IEnumerable<EngineRequestTime> requests)
    {
        long busy = 0;
        long until = long.MinValue;
        int turns = 0;
        foreach (EngineRequestTime request in requests.OrderBy(request => request.Begun))
        {
            turns += request.Begun > until ? 1 : 0;
            busy += Math.Max(0, request.Ended - Math.Max(until, request.Begun));
            until = Math.Max(until, request.Ended);
        }

        return (busy / (double)Stopwatch.Frequency, turns);
    }
}

/// <summary>So many callers at once, each making one call after another.</summary>
/// <param name="Callers">Their number.</param>
/// <param name="Calls">Calls in all.</param>
/// <param name="CallsPerSecond">Throughput.</param>
/// <param name="RequestsPerSecond">Requests to the engine.</param>
/// <param name="EngineTokensPerSecond">Tokens that the engine drew.</param>
/// <param name="SecondsP50">Half of the calls took no longer.</param>
/// <param name="AddedShare">What calls took beside the engine, of the time that they were at the engine: the sum over all calls.</param>
/// <param name="AddedMillisecondsPerTurn">The same for each time that a call went to the engine: median over the calls.</param>
/// <param name="EngineShare">Part of the engine's throughput that was used; 0 if it has no limit.</param>
/// <param name="ProcessorMillisecondsPerRequest">Processor time of the process a request, the engine's and the callers' included.</param>
internal sealed record EngineLevel(
    int Callers,
    int Calls,
    double CallsPerSecond,
    double RequestsPerSecond,
    double EngineTokensPerSecond,
    double SecondsP50,
    double AddedShare,
    double AddedMillisecondsPerTurn,
    double EngineShare,
    double ProcessorMillisecondsPerRequest);

/// <summary>Means over the same calls by one kind of policy.</summary>
/// <param name="CallsPerSecond">One call after another.</param>
/// <param name="Iterations">Iterations a call.</param>
/// <param name="Turns">How often a call went to the engine.</param>
/// <param name="Requests">Requests a call.</param>
/// <param name="PolicyTokens">Positions that the method needed of the policy, an iteration.</param>
/// <param name="EngineRead">Tokens that the engine was given, an iteration.</param>
/// <param name="EngineDrawn">Tokens that it drew, an iteration.</param>
/// <param name="Energy">Mean energy of the answers.</param>
internal sealed record EngineMeans(
    double CallsPerSecond, double Iterations, double Turns, double Requests, double PolicyTokens, double EngineRead, double EngineDrawn,
    double Energy);

/// <summary>All that <c>engine</c> measures.</summary>
/// <param name="Loaded">The policy loaded in the process.</param>
/// <param name="Elsewhere">The same policy behind an engine that takes no time of its own.</param>
/// <param name="Levels">Calls at once to an engine of the given speed.</param>
/// <param name="Limit">As many calls at once as the last level has, to an engine that takes no time.</param>
internal sealed record EngineFigures(EngineMeans Loaded, EngineMeans Elsewhere, IReadOnlyList<EngineLevel> Levels, EngineLevel Limit);
