namespace SeaGrpc.Bench.Loading;

/// <summary>What <c>load</c> measures; times in seconds, sizes in bytes.</summary>
/// <param name="Dtype">The format that the weights are served in.</param>
/// <param name="Threads">Threads of a tensor operation.</param>
/// <param name="Parameters">Weights of the policy.</param>
/// <param name="FileBytes">Size of its weight files.</param>
/// <param name="ReadFirstSeconds"><c>cat</c> of its files to nowhere, before anything else: from the disk where they are not in
/// memory.</param>
/// <param name="LoadSeconds">Loading the policy, the hash of its files included.</param>
/// <param name="ReadAgainSeconds"><c>cat</c> once more, after the loading.</param>
/// <param name="WeightBytes">Size of its weights in memory.</param>
/// <param name="LoadPeakBytes">What the process held at most while it loaded the policy, above what it held before.</param>
/// <param name="FirstTokenSeconds">Prompt and first token of one sample.</param>
/// <param name="PromptTokens">Length of the prompt.</param>
/// <param name="IterationSeconds">One iteration of SEA by Langevin dynamics with the policy and a reward model of the same size; the
/// median.</param>
/// <param name="Iterations">Of how many.</param>
/// <param name="Chains">Its chains.</param>
/// <param name="ResponseTokens">Its tokens per chain.</param>
/// <param name="PeakBytes">Peak memory of the process over the whole run.</param>
/// <param name="EstimatedBytes">What <c>inspect</c> estimates for both models at these lengths.</param>
internal sealed record LoadFigures(
    string Dtype,
    int Threads,
    long Parameters,
    long FileBytes,
    double ReadFirstSeconds,
    double LoadSeconds,
    double ReadAgainSeconds,
    long WeightBytes,
    long LoadPeakBytes,
    double FirstTokenSeconds,
    int PromptTokens,
    double IterationSeconds,
    int Iterations,
    int Chains,
    int ResponseTokens,
    long PeakBytes,
    long EstimatedBytes);
