using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Prompts;

/// <summary>
/// What a reward model reads of an answer that its chat template does not write as it stands: one that it trims or cuts. One thread at a
/// time.
/// </summary>
/// <remarks>
/// As transformers has it: 1. The conversation is rendered with the answer's text. 2. Where the template has changed it, the ids are those
/// of the whole rendered text. Where it has not, they are the answer's own between prefix and suffix.
/// </remarks>
public sealed class AnswerRewriting
{
    private const int MostKept = 1024;

    private readonly Tokenizer _tokenizer;
    private readonly ConversationRendering _rendering;
    private readonly int[] _prefix;
    private readonly Dictionary<string, AnswerReading?> _readings = new(StringComparer.Ordinal);

    internal AnswerRewriting(Tokenizer tokenizer, ConversationRendering rendering, int[] prefix)
    {
        _tokenizer = tokenizer;
        _rendering = rendering;
        _prefix = prefix;
    }

    /// <summary>How an answer is read, or null if it is read as it stands.</summary>
    /// <param name="answer">Its ids, without EOS.</param>
    internal AnswerReading? Read(IReadOnlyList<int> answer)
    {
        if (answer.Any(id => id >= _tokenizer.VocabularySize))
        {
            return null;
        }

        string text = _tokenizer.Decode(answer);
        if (!_readings.TryGetValue(text, out AnswerReading? reading))
        {
            if (_readings.Count == MostKept)
            {
                _readings.Clear();
            }

            _readings[text] = reading = Read(text);
        }

        return reading;
    }

    /// <summary>Ids of plain words, as many as are asked for: an answer to measure with.</summary>
    internal int[] Words(int count)
    {
        int[] words = _tokenizer.Encode(string.Concat(Enumerable.Repeat(" word", count)));
        return words[..Math.Min(count, words.Length)];
    }

    private AnswerReading? Read(string text)
    {
        int[]? whole;
        try
        {
            // 1. and 2.
            whole = _rendering.EncodeChanged(text);
        }
        catch (ChatTemplateException)
        {
            // A template that rejects this very answer says nothing of what it would read.
            return null;
        }

        // A model must read something; a template that writes nothing says nothing either.
        if (whole is null or [])
        {
            return null;
        }

        int kept = Math.Min(whole.AsSpan().CommonPrefixLength(_prefix), whole.Length - 1);
        return new AnswerReading(kept, whole[kept..]);
    }
}

/// <summary>How a changed answer is read.</summary>
/// <param name="Kept">How many of the prefix's ids stand before it as well.</param>
/// <param name="Ids">All ids after those; at least one.</param>
internal sealed record AnswerReading(int Kept, int[] Ids);
