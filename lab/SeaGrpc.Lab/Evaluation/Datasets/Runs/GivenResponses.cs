using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>Drafts, or fixed beginnings of the answer, that requests contain, by the row's id.</summary>
/// <param name="AreDrafts">Drafts; else beginnings.</param>
/// <param name="Texts">The texts.</param>
internal sealed record GivenResponses(bool AreDrafts, IReadOnlyDictionary<string, string> Texts)
{
    // An answer's limit counts its end, which a draft that was cut at the limit does not have yet.
    private const int RoomBeyondDraft = 16;

    /// <summary>The reward at which a draft, or what is made of it, is good enough; null for none.</summary>
    public double? SufficientReward { get; init; }

    /// <summary>How much higher than a draft's the answer's reward must be; null for the server's default.</summary>
    public double? MinRewardGain { get; init; }

    /// <summary>Names the texts in settings.</summary>
    public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        JsonSerializer.Serialize(new SortedDictionary<string, string>(Texts.ToDictionary(), StringComparer.Ordinal)))))[..16];

    /// <summary>Puts a row's text into its request.</summary>
    public void Write(DatasetRow row, AlignmentSpec spec)
    {
        var content = new ResponseContent { Text = Texts[row.Id] };
        if (AreDrafts)
        {
            spec.DraftResponse = content;
            if (SufficientReward is { } sufficient)
            {
                spec.SufficientReward = sufficient;
            }

            if (MinRewardGain is { } gain)
            {
                spec.MinRewardGain = gain;
            }

            if (spec.HasMaxResponseTokens)
            {
                spec.MaxResponseTokens += RoomBeyondDraft;
            }
        }
        else
        {
            spec.ResponsePrefix = new ResponsePrefix { Content = content };
        }
    }
}
