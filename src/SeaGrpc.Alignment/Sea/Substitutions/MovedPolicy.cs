using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>Moved responses as the policy has read them, in one pass. Owns the caches.</summary>
internal sealed class MovedPolicy : IDisposable
{
    private readonly RunContext _context;
    private readonly ChainStates _states;
    private readonly MovedRows[] _groups;
    private readonly KeyValueCache[] _caches;
    private readonly Tensor[] _hidden;
    private readonly float[][] _logProbabilities;
    // The group and the row in it of each response.
    private readonly (int Group, int Row)[] _places;

    /// <summary>Reads moved responses from their first changes on.</summary>
    /// <param name="context">The run.</param>
    /// <param name="states">The current chains.</param>
    /// <param name="groups">The responses.</param>
    public MovedPolicy(RunContext context, ChainStates states, MovedRows[] groups)
    {
        _context = context;
        _states = states;
        _groups = groups;
        _places = [.. groups.SelectMany((group, index) => Enumerable.Range(0, group.Rows.Rows).Select(row => (index, row)))];
        List<KeyValueCache> caches = [];
        try
        {
            caches.AddRange(groups.Select(group => states.PolicyPrefix(group.Chains, group.Start, Width(group) - 1)));
            _caches = [.. caches];
            _hidden = Read();
            _logProbabilities = Tokens();
        }
        catch
        {
            caches.ForEach(cache => cache.Dispose());
            throw;
        }
    }

    /// <summary>The rows that a response is one of, and which.</summary>
    public (HardResponses Rows, int Row) Response(int index) => (_groups[_places[index].Group].Rows, _places[index].Row);

    /// <summary>log pi_ref of a response's tokens, in nats: those before its first change, and the others.</summary>
    public (float[] Before, float[] After) LogProbabilities(int index)
    {
        (MovedRows group, int row) = (_groups[_places[index].Group], _places[index].Row);
        int chain = group.Chains[row] * _states.Rows.Positions;
        return (_states.LogProbabilities[chain..(chain + group.Start)], _logProbabilities[index]);
    }

    /// <summary>A copy of a response of the only chain.</summary>
    public LoadedPolicyRows Row(int index)
    {
        (int place, int row) = _places[index];
        MovedRows group = _groups[place];
        int length = group.Rows.TargetLengths[row];
        int read = Math.Min(group.Rows.ContentLengths[row], group.Start + Width(group) - 1);
        (float[] before, float[] after) = LogProbabilities(index);
        return new LoadedPolicyRows(
            _context,
            (_caches[place], row),
            read,
            group.Rows.Tokens[(row * group.Rows.Positions)..((row * group.Rows.Positions) + length)],
            [.. before, .. after],
            _hidden[place].select(0, row).narrow(0, 1, read - group.Start));
    }

    public void Dispose() => Array.ForEach(_caches, cache => cache.Dispose());

    private static int Width(MovedRows group) => group.Rows.TargetLengths.Max() - group.Start;

    private Tensor Ids(MovedRows group) => ResponseScorer.Ids(group.Rows.Tokens, group.Rows.Rows, _context.Models.Policy.Decoder);

    // The states that predict each position from a group's start on: [rows, width, hidden].
    private Tensor[] Read()
    {
        int[] read = [.. Enumerable.Range(0, _groups.Length).Where(index => Width(_groups[index]) > 1)];
        IdPass[] passes = [.. read.Select(index => _groups[index] is var group
            ? new IdPass(Ids(group).narrow(1, group.Start, Width(group) - 1), _caches[index], Width(group) - 1)
            : default)];
        _context.Cost.PolicyForward(passes.Sum(pass => pass.Ids.NumberOfElements));
        Tensor[] states = passes.Length == 0 ? [] : _context.Models.Policy.Decoder.Read(passes);
        // The state before the first change predicts it.
        Tensor[] hidden = [.. _groups.Select(group => _states.HiddenOf(group.Chains).narrow(1, group.Start, 1))];
        foreach ((int index, Tensor own) in read.Zip(states))
        {
            hidden[index] = cat([hidden[index], own], 1);
        }

        return hidden;
    }

    // log pi_ref of each response's tokens from its group's start on, in nats.
    private float[][] Tokens()
    {
        List<Tensor> hidden = [];
        List<Tensor> targets = [];
        foreach ((MovedRows group, Tensor states) in _groups.Zip(_hidden))
        {
            int width = Width(group);
            long[] active = [.. Enumerable.Range(0, group.Rows.Rows).SelectMany(
                row => Enumerable.Range(row * width, group.Rows.TargetLengths[row] - group.Start).Select(at => (long)at))];
            Tensor at = tensor(active, device: states.device);
            hidden.Add(states.flatten(0, 1).index_select(0, at));
            targets.Add(Ids(group).narrow(1, group.Start, width).flatten().index_select(0, at));
        }

        float[] all = _context.Prompt.Loaded.LogProbabilities(cat([.. hidden]).unsqueeze(0), cat([.. targets]).unsqueeze(0));
        int next = 0;
        return [.. _places.Select(place =>
        {
            int count = _groups[place.Group].Rows.TargetLengths[place.Row] - _groups[place.Group].Start;
            next += count;
            return all[(next - count)..next];
        })];
    }
}
