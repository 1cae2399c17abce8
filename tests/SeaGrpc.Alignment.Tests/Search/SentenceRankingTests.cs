using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.EnergySearch.Moves.Spans;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.Tests.Search;

/// <summary>Edits of whole sentences.</summary>
public sealed class SentenceRankingTests
{
    // "AB.", "CD!" and "E".
    private static readonly int[] Response = [65, 66, 46, 67, 68, 33, 69];

    [Fact]
    public void Sentences_begin_after_what_ends_one() =>
        With(Response, state => Assert.Equal([0, 3, 6, 7], Sentences.Cuts(state, state.Reading.Rows.Content(0))));

    [Fact]
    public void A_fixed_prefix_stays() =>
        With(Response, state => Assert.Equal([4, 6, 7], Sentences.Cuts(state, state.Reading.Rows.Content(0))), pinned: 4);

    [Fact]
    public void One_or_two_are_dropped_but_never_all() => With(Response, state =>
    {
        string[] dropped = [.. Edits(state, SpanEditKind.Deletion)];
        Assert.Equal(["AB.", "AB.CD!", "AB.E", "CD!E", "E"], dropped.Order(StringComparer.Ordinal));
    });

    [Fact]
    public void Neighbours_are_swapped() => With(Response, state =>
        Assert.Equal(["AB.ECD!", "CD!AB.E"], Edits(state, SpanEditKind.Swap).Order(StringComparer.Ordinal)));

    [Fact]
    public void New_sentences_are_whole_and_fit_the_limit() => With(Response, state =>
    {
        foreach (SpanEdit edit in SentenceRanking.Of(state, state.Reading).Where(edit => edit.Inserted.Length > 0))
        {
            Assert.True(edit.Kind == SpanEditKind.Swap || Sentences.End(state.Context.Models.Policy.Tokenizer, edit.Inserted[^1]));
            Assert.InRange(Response.Length + edit.Inserted.Length - edit.Removed, 1, state.Context.Task.MaxResponseTokens);
        }
    });

    [Fact]
    public void The_kinds_and_places_take_turns() => With(Response, state =>
    {
        IReadOnlyList<SpanEdit> edits = SentenceRanking.Of(state, state.Reading);
        int firsts = edits.DistinctBy(edit => (edit.Kind, edit.Start)).Count();
        Assert.Equal(firsts, edits.Take(firsts).DistinctBy(edit => (edit.Kind, edit.Start)).Count());
    });

    [Fact]
    public void A_single_sentence_is_neither_dropped_nor_swapped() => With([65, 66], state =>
        Assert.Empty(Edits(state, SpanEditKind.Deletion).Concat(Edits(state, SpanEditKind.Swap))));

    private static IEnumerable<string> Edits(SearchState state, SpanEditKind kind) => SentenceRanking.Of(state, state.Reading)
        .Where(edit => edit.Kind == kind)
        .Select(edit => state.Context.Models.Policy.Tokenizer.Decode(
            [.. Response.Take(edit.Start), .. edit.Inserted, .. Response.Skip(edit.Start + edit.Removed)]));

    private static void With(int[] response, Action<SearchState> check, int pinned = 0)
    {
        using AlignmentModels models = Runs.LoadWithEos();
        AlignmentTask task = Runs.Task(new EnergySearchParameters()) with { ResponsePrefix = response[..pinned] };
        using var context = new RunContext(models, task);
        context.Prefill();
        (PrefixRows rows, ScoredResponse read) = PrefixRows.Read(context, response, ended: true);
        using var state = new SearchState(context, (EnergySearchParameters)task.Method, read, rows);
        check(state);
    }
}
