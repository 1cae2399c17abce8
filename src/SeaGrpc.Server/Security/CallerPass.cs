using Grpc.Core;
using SeaGrpc.Server.Contract;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Logging;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Security;

/// <summary>Who made a call, and what it may do.</summary>
/// <param name="Identity">
/// Request ids, replays and cancellations belong to it. It says nothing that could be used as a token; empty if the caller is unknown.
/// </param>
/// <param name="Account">Its account; null if the operator has no file of callers.</param>
/// <param name="Metrics">Counts what it uses.</param>
internal sealed record CallerPass(string Identity, CallerAccount? Account, CallerMetrics Metrics)
{
    /// <summary>The pass of a call that was let in.</summary>
    public static CallerPass Of(ServerCallContext call) => (CallerPass)call.UserState[typeof(CallerPass)];

    /// <summary>Attaches it to a call, for <see cref="Of"/>, and names the caller in the log.</summary>
    public void Attach(ServerCallContext call)
    {
        call.UserState[typeof(CallerPass)] = this;
        if (Account is { Rule.Name: var name })
        {
            CallRecord.Of(call)?.MadeBy(name);
        }
    }

    /// <summary>Refuses an RPC that the caller may not call.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED.</exception>
    public void CheckRpc(string name)
    {
        if (Account?.Rule is { Rpcs: { } allowed } rule && !allowed.Contains(name))
        {
            throw Refused(rule, ErrorMapping.RpcNotAllowed(rule.Name, name, allowed));
        }
    }

    /// <summary>The priority of a call, at most the caller's highest.</summary>
    public int Priority(int asked) => Account?.Rule.MaxPriority is { } most ? Math.Min(asked, most) : asked;

    /// <summary>Begins an alignment.</summary>
    /// <returns>To be disposed when it has ended.</returns>
    /// <exception cref="RpcException">The caller may not use the method, or has reached its quota.</exception>
    public CallerTurn Begin(AlignmentSpec? spec)
    {
        string method = spec is null or { MethodCase: AlignmentSpec.MethodOneofCase.None }
            ? ContractMethod.Default.Name
            : AlignmentSpec.Descriptor.FindFieldByNumber((int)spec.MethodCase).Name;
        return Account?.Rule is { Methods: { } allowed } rule && !allowed.Contains(method)
            ? throw Refused(rule, ErrorMapping.MethodNotAllowed(rule.Name, method, allowed))
            : Begin();
    }

    /// <summary>Begins a score.</summary>
    /// <returns>To be disposed when it has ended.</returns>
    /// <exception cref="RpcException">The caller has reached its quota.</exception>
    public CallerTurn Begin()
    {
        try
        {
            Account?.Enter();
        }
        catch (RpcException refusal)
        {
            throw Refused(Account!.Rule, refusal);
        }

        return new CallerTurn(this);
    }

    /// <summary>Ends an alignment or a score.</summary>
    internal void End(long tokens)
    {
        Account?.Leave(tokens);
        if (Account is { Rule.Name: var name })
        {
            Metrics.End(name, tokens);
        }
    }

    private RpcException Refused(CallerRule rule, RpcException refusal)
    {
        Metrics.Refuse(rule.Name, CallRecord.Reason(refusal) ?? CallRecord.None);
        return refusal;
    }
}

/// <summary>One alignment or score of a caller, from its admission to its end.</summary>
internal sealed class CallerTurn : IDisposable
{
    private readonly CallerPass _pass;

    public CallerTurn(CallerPass pass)
    {
        _pass = pass;
        if (pass.Account is { Rule.Name: var name })
        {
            pass.Metrics.Begin(name);
        }
    }

    /// <summary>What the models have read for it, in tokens.</summary>
    public long Tokens { get; set; }

    public void Dispose() => _pass.End(Tokens);
}
