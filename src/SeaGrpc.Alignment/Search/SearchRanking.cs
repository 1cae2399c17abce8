namespace SeaGrpc.Alignment.Search;

/// <summary>What a search ranks prefixes by.</summary>
public enum SearchRanking
{
    /// <summary>By the energy that they would have if they ended there.</summary>
    Energy,

    /// <summary>By the reward alone.</summary>
    Reward,
}
