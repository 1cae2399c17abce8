namespace SeaGrpc.Alignment.Search;

/// <summary>How a search ranks prefixes.</summary>
public enum SearchRanking
{
    /// <summary>By the energy that they would have if they ended there.</summary>
    Energy,

    /// <summary>By the reward alone.</summary>
    Reward,
}
