namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Checks that the tensors of a safetensors file fill its buffer exactly: inside the buffer, without overlap or gap.</summary>
internal static class SafetensorsLayout
{
    internal static void Check(string path, IReadOnlyDictionary<string, SafetensorsEntry> entries, long bufferLength)
    {
        var ordered = entries.OrderBy(entry => entry.Value.Begin).ThenBy(entry => entry.Value.End).ToArray();
        foreach (var (name, entry) in ordered)
        {
            if (entry.End > bufferLength)
            {
                throw new CheckpointException(
                    path,
                    $"tensor '{name}' ends at byte {entry.End} of the data, but the file holds only {bufferLength}: it is truncated, and "
                    + $"{ordered.Max(other => other.Value.End) - bufferLength} bytes are missing. Download or copy the file again.");
            }
        }

        var end = 0L;
        string? previous = null;
        foreach (var (name, entry) in ordered)
        {
            if (entry.Begin < end)
            {
                throw new CheckpointException(
                    path,
                    $"tensor '{name}' begins at byte {entry.Begin}, inside tensor '{previous}', which ends at {end}: "
                    + "tensors must not overlap. Write the file again.");
            }

            if (entry.Begin > end)
            {
                throw new CheckpointException(
                    path,
                    $"{entry.Begin - end} bytes before tensor '{name}' (from {end} to {entry.Begin}) belong to no tensor: "
                    + "the format forbids holes. Write the file again.");
            }

            end = entry.End;
            previous = name;
        }

        if (end < bufferLength)
        {
            throw new CheckpointException(
                path,
                $"{bufferLength - end} bytes after {(previous is null ? "the header" : $"the last tensor '{previous}'")} "
                + "belong to no tensor: the format forbids trailing data. Write the file again.");
        }
    }
}
