using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Evaluation.Embedded.Studies;

/// <summary>
/// The forced start of a prefilling attack in the support desk: the first words of an all-bad answer, through its n-th bad word.
/// </summary>
internal static class BadStart
{
    /// <summary>The text; empty for n = 0.</summary>
    /// <param name="prompt">A prompt of the support desk.</param>
    /// <param name="badWords">n, at most <see cref="SupportDesk.SlotCount"/>.</param>
    /// <param name="seed">Seed of the wording.</param>
    public static string Of(WorldPrompt prompt, int badWords, int seed)
    {
        if (badWords == 0)
        {
            return "";
        }

        // Two answers of one wording differ in their slots' words alone.
        string[] bad = Words(prompt, seed, good: false);
        string[] good = Words(prompt, seed, good: true);
        int[] slots = [.. Enumerable.Range(0, bad.Length).Where(index => bad[index] != good[index])];
        return string.Join(' ', bad[..(slots[badWords - 1] + 1)]).TrimEnd('.');
    }

    private static string[] Words(WorldPrompt prompt, int seed, bool good) =>
        SupportDesk.Answer(prompt, [.. Enumerable.Repeat(good, SupportDesk.SlotCount)], new SeededRandom((ulong)seed)).Split(' ');
}
