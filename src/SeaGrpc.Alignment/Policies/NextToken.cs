namespace SeaGrpc.Alignment.Policies;

/// <summary>A token that a beam may continue with.</summary>
/// <param name="Beam">The beam.</param>
/// <param name="Id">The token's id.</param>
/// <param name="Logit">The policy's raw logit of the token.</param>
/// <param name="LogProbability">log pi_ref of the token, in nats.</param>
/// <param name="IsEnd">Whether it is an EOS.</param>
internal readonly record struct NextToken(int Beam, long Id, float Logit, float LogProbability, bool IsEnd);
