using SeaGrpc.Alignment.Policies.Loaded;

namespace SeaGrpc.Alignment.Policies;

/// <summary>
/// Responses to one prompt that grow side by side under the policy, one token at a time, with the log-probabilities of their tokens. Rows
/// can be continued by new rows, so that a search reads no prefix twice. They do not choose tokens.
/// </summary>
internal abstract class PolicyRows : IDisposable
{
    private readonly List<long[]> _tokens;
    private readonly List<float[]> _own;
    private readonly bool[] _finished;
    private readonly bool[] _stopped;

    /// <summary>Rows that start with given tokens, whose log-probabilities are not counted.</summary>
    protected PolicyRows(RunContext context, int rows, IReadOnlyList<int> prefix)
    {
        Context = context;
        Rows = rows;
        _tokens = [.. prefix.Select(id => Enumerable.Repeat((long)id, rows).ToArray())];
        _own = [.. prefix.Select(_ => new float[rows])];
        _finished = new bool[rows];
        _stopped = new bool[rows];
    }

    /// <summary>Rows with the first tokens of others.</summary>
    /// <param name="from">The source of each row.</param>
    /// <param name="kept">Number of first tokens that each row keeps.</param>
    /// <param name="keepsEnds">Whether a row that has ended stays so.</param>
    protected PolicyRows(IReadOnlyList<(PolicyRows Source, int Row)> from, int kept, bool keepsEnds)
    {
        Context = from[0].Source.Context;
        Rows = from.Count;
        _tokens = [.. Enumerable.Range(0, kept).Select(position => from.Select(pick => pick.Source._tokens[position][pick.Row]).ToArray())];
        _own = [.. Enumerable.Range(0, kept).Select(position => from.Select(pick => pick.Source.Own()[position][pick.Row]).ToArray())];
        _finished = [.. from.Select(pick => keepsEnds && pick.Source._finished[pick.Row])];
        _stopped = [.. from.Select(pick => keepsEnds && pick.Source._stopped[pick.Row])];
    }

    /// <summary>The run.</summary>
    public RunContext Context { get; }

    public int Rows { get; }

    /// <summary>Number of tokens in every row, including those after a row's EOS.</summary>
    public int Length => _tokens.Count;

    /// <summary>Whether every row has ended with EOS, or a stop string occurs in it.</summary>
    public bool AllFinished => _finished.All(done => done);

    /// <summary>
    /// What could have been in place of the first tokens of each row's last draw, where that is told only with what is drawn; otherwise
    /// null.
    /// </summary>
    public virtual BeamOutlook? Told => null;

    /// <summary>These rows, for what only a loaded policy does.</summary>
    /// <exception cref="InvalidOperationException">The policy runs elsewhere.</exception>
    public LoadedPolicyRows Loaded => this as LoadedPolicyRows ?? throw new InvalidOperationException("The policy runs elsewhere.");

    /// <summary>All tokens, position by position: ids [rows] each.</summary>
    protected IReadOnlyList<long[]> Tokens => _tokens;

    /// <summary>Rows that continue rows of others. A row may be used several times.</summary>
    /// <param name="from">The source of each row.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    /// <param name="length">
    /// Number of first tokens that each row keeps, without EOS; null if all rows are equally long and keep all tokens. The last kept token
    /// is read again, unless the policy has kept what it computed there.
    /// </param>
    public static PolicyRows Gather(IReadOnlyList<(PolicyRows Source, int Row)> from, int maxTokens, int? length = null) =>
        from[0].Source.Gathered(from, maxTokens, length);

    /// <summary>
    /// Rows that continue rows of these, which keep their caches so that nothing is copied. A row may be used several times.
    /// </summary>
    /// <param name="rows">The row that each continues.</param>
    /// <param name="room">Maximum number of additional tokens of each row.</param>
    public abstract PolicyRows Fan(IReadOnlyList<int> rows, int room);

    /// <summary>
    /// Reads a whole response after the prompt in one pass, and appends it to the only row. A policy elsewhere is only asked to: it reads
    /// while the rewards do, until a log-probability is needed.
    /// </summary>
    /// <param name="ids">Its tokens, without EOS.</param>
    /// <param name="ended">Whether EOS follows.</param>
    public void Follow(IReadOnlyList<int> ids, bool ended) => Follow([(this, ids, ended)]);

    /// <summary>The same for several responses, which are read together, each in its own single row.</summary>
    /// <param name="responses">The rows, and the response of each.</param>
    public static void Follow(IReadOnlyList<(PolicyRows Row, IReadOnlyList<int> Ids, bool Ended)> responses)
    {
        long[][] targets =
        [
            .. responses.Select(one => (long[])
                [.. one.Ids.Select(id => (long)id), .. one.Ended ? [(long)one.Row.Context.Models.Prompts.EosId] : Array.Empty<long>()]),
        ];
        float[][] each = responses[0].Row.Followed([.. responses.Select((one, index) => (one.Row, targets[index]))]);
        for (int index = 0; index < targets.Length; index++)
        {
            for (int position = 0; position < targets[index].Length; position++)
            {
                responses[index].Row.Append([targets[index][position]], [each[index][position]]);
            }
        }
    }

    /// <summary>Appends a token to every row.</summary>
    /// <param name="ids">Ids [rows].</param>
    /// <param name="logProbabilities">Log-probabilities of the tokens, in nats; null if they do not count.</param>
    public void Append(long[] ids, float[]? logProbabilities)
    {
        for (int row = 0; row < Rows; row++)
        {
            ids[row] = _stopped[row] ? Context.Models.Prompts.EosId : ids[row];
        }

        _tokens.Add(ids);
        _own.Add(logProbabilities ?? new float[Rows]);
        for (int row = 0; row < Rows; row++)
        {
            if (_finished[row])
            {
                _own[^1][row] = 0;
            }

            _finished[row] |= Context.Models.IsEos(ids[row]);
            _stopped[row] |= !_finished[row] && HasStop(row);
            _finished[row] |= _stopped[row];
        }
    }

    /// <summary>A row's response, without EOS. If a stop string ends it, that is its last part.</summary>
    public int[] Content(int row) =>
        [.. _tokens.Select(ids => ids[row]).TakeWhile(id => !Context.Models.IsEos(id)).Select(id => (int)id)];

    /// <summary>Whether a row has ended with EOS, or a stop string occurs in it.</summary>
    public bool IsFinished(int row) => _finished[row];

    /// <summary>Sum of the log-probabilities of a row's appended tokens, including EOS, in nats.</summary>
    public double LogProbability(int row) => LogProbability(row, _own.Count);

    /// <summary>The same for a row's first tokens.</summary>
    public double LogProbability(int row, int length) => Own().Take(length).Sum(position => (double)position[row]);

    /// <summary>Log-probabilities of a row's appended tokens up to its EOS, in nats.</summary>
    public float[] LogProbabilities(int row)
    {
        int length = _tokens.TakeWhile(ids => !Context.Models.IsEos(ids[row])).Count();
        return [.. Own().Take(length + 1).Select(position => position[row])];
    }

    public abstract void Dispose();

    /// <summary>Implements <see cref="Gather"/> for sources of the same kind as these rows.</summary>
    protected abstract PolicyRows Gathered(IReadOnlyList<(PolicyRows Source, int Row)> from, int maxTokens, int? length);

    /// <summary>
    /// log pi_ref of tokens that follow the prompt in single rows of the same kind as these; 0 where it is not known yet.
    /// </summary>
    protected abstract float[][] Followed(IReadOnlyList<(PolicyRows Row, long[] Targets)> responses);

    /// <summary>Completes log-probabilities [position][rows] that were not known when their tokens were appended.</summary>
    protected virtual void Complete(IReadOnlyList<float[]> own)
    {
    }

    // Log-probabilities of the appended tokens, once all are known.
    private List<float[]> Own()
    {
        Complete(_own);
        return _own;
    }

    // Whether a row's last token has completed a stop string.
    private bool HasStop(int row) => Context.Task.Stops is { } stops
        && stops.MayOccur([.. _tokens.Skip(_tokens.Count - stops.TailTokens).Select(ids => (int)ids[row])])
        && stops.Occurs(Content(row));
}
