namespace SeaGrpc.Alignment.Scoring;

/// <summary>
/// log pi_ref of every token of whole responses, which a policy has been asked for. Used by one run. Disposing it stops asking.
/// </summary>
internal interface IRowReading : IDisposable
{
    /// <summary>
    /// Computes the figures of the next rows, if a loaded model does: called for all rows in their order, as many at a time as may be read
    /// together. Rewards that share layers with the policy read the same rows afterwards.
    /// </summary>
    void Read(HardResponses next);

    /// <summary>Waits for the figures of all rows; called once, after <see cref="Read"/>.</summary>
    /// <returns>In nats [rows, positions]; meaningless after a row's end.</returns>
    /// <exception cref="OutsideFailedException">The policy did not answer, or not so.</exception>
    float[] Take();
}
