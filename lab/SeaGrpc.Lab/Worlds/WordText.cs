using System.Text;

namespace SeaGrpc.Lab.Worlds;

/// <summary>Words to text and back. A punctuation mark is a word that stands without a space before it.</summary>
internal static class WordText
{
    private const string Punctuation = ".,!?";

    public static string Join(IEnumerable<string> words)
    {
        var text = new StringBuilder();
        foreach (var word in words)
        {
            if (text.Length > 0 && !IsPunctuation(word))
            {
                text.Append(' ');
            }

            text.Append(word);
        }

        return text.ToString();
    }

    public static string[] Split(string text)
    {
        var words = new List<string>();
        foreach (var chunk in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var end = chunk.Length;
            while (end > 0 && Punctuation.Contains(chunk[end - 1]))
            {
                end--;
            }

            if (end > 0)
            {
                words.Add(chunk[..end]);
            }

            words.AddRange(chunk[end..].Select(mark => mark.ToString()));
        }

        return [.. words];
    }

    public static bool IsPunctuation(string word) => word.Length == 1 && Punctuation.Contains(word[0]);
}
