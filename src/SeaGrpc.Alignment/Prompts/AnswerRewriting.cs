using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Prompts;

/// <summary>What a reward model reads for an answer that its chat template changes, for example trims or cuts. Not thread-safe.</summary>
/// <remarks>
/// As in transformers:
/// 1. The conversation is rendered with the answer's text.
/// 2. If the template has changed the answer, the ids are those of the whole rendered text. Otherwise they are the answer's own ids
///    between prefix and suffix.
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

    /// <summary>How an answer is read, or null if it is read unchanged.</summary>
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

    /// <summary>The ids of a given number of plain words: an answer to measure with.</summary>
    internal int[] Words(int count) => PlainWords.Of(_tokenizer, count);

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
            // A template that rejects this answer does not say what it would read.
            return null;
        }

        // A model must read something. A template that writes nothing does not say either.
        if (whole is null or [])
        {
            return null;
        }

        int kept = Math.Min(whole.AsSpan().CommonPrefixLength(_prefix), whole.Length - 1);
        return new AnswerReading(kept, whole[kept..]);
    }
}

/// <summary>How a changed answer is read.</summary>
/// <param name="Kept">Number of the prefix's ids that also precede this answer.</param>
/// <param name="Ids">All following ids; at least one.</param>
internal sealed record AnswerReading(int Kept, int[] Ids);
