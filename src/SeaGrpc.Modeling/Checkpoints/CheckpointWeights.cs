using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>The weights of a checkpoint folder, in one safetensors file or in shards. Records which tensors have been used.</summary>
public sealed class CheckpointWeights : IDisposable
{
    private const int MaxNamesInMessage = 5;

    /// <summary>Value heads from PPO, and heads that predict further tokens.</summary>
    private static readonly string[] TrainingHeads = ["v_head.", "value_head.", "mtp."];

    private readonly string _folder;
    private readonly IReadOnlyList<SafetensorsFile> _files;
    private readonly Dictionary<string, SafetensorsFile> _fileOf = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    private CheckpointWeights(string folder, IReadOnlyList<SafetensorsFile> files)
    {
        _folder = folder;
        _files = files;
        foreach (var file in files)
        {
            foreach (var name in file.Entries.Keys)
            {
                _fileOf.Add(name, file);
            }
        }
    }

    /// <summary>The names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _fileOf.Keys;

    /// <summary>Opens model.safetensors, or the shards that model.safetensors.index.json lists.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <exception cref="CheckpointException">There are no safetensors weights, or one of the files is invalid.</exception>
    public static CheckpointWeights Open(string folder)
    {
        var files = new List<SafetensorsFile>();
        try
        {
            var shards = WeightFiles.Find(folder);
            files.AddRange(shards.Paths.Select(SafetensorsFile.Open));
            shards.Index?.Check(files);
            files.ForEach(QuantizedWeights.Refuse);
            return new CheckpointWeights(folder, files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Reports the progress of reading from now on; null for no reports.</summary>
    internal void Report(IProgress<LoadState>? progress)
    {
        if (progress is null)
        {
            return;
        }

        long total = BytesByDtype().Values.Sum();
        long read = 0;
        progress.Report(new LoadState(_folder, 0, total));
        foreach (var file in _files)
        {
            file.PieceRead += bytes => progress.Report(new LoadState(_folder, Interlocked.Add(ref read, bytes), total));
        }
    }

    /// <summary>Whether the checkpoint has a tensor with this name.</summary>
    public bool Contains(string name) => _fileOf.ContainsKey(name);

    /// <summary>Whether another checkpoint has the same tensor under this name: format, shape and bytes.</summary>
    /// <exception cref="CheckpointException">A file has become shorter.</exception>
    internal bool HasSame(string name, CheckpointWeights other) =>
        _fileOf.TryGetValue(name, out var file) && other._fileOf.TryGetValue(name, out var theirs) && file.HasSame(name, theirs);

    /// <summary>Reads tensors, stacks them into one along the first dimension, and records them as used.</summary>
    /// <param name="parts">Their names in the checkpoint, and the shapes that the model's configuration requires.</param>
    /// <param name="dtype">Element type of the result.</param>
    /// <param name="device">Device of the result.</param>
    /// <returns>A new tensor, which the caller owns.</returns>
    /// <exception cref="CheckpointException">A tensor is missing, or has another shape or an unreadable dtype.</exception>
    public Tensor Take(ReadOnlySpan<WeightPart> parts, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        long rows = 0;
        foreach (var part in parts)
        {
            Find(part.Name, part.Shape);
            rows += part.Shape is [var first, ..] ? first : 0;
        }

        var whole = empty(parts.Length == 1 ? parts[0].Shape : [rows, .. parts[0].Shape[1..]], dtype, device);
        long start = 0;
        foreach (var part in parts)
        {
            var place = parts.Length == 1 ? whole : whole.narrow(0, start, part.Shape[0]);
            _fileOf[part.Name].ReadInto(part.Name, place);
            _taken.Add(part.Name);
            start += parts.Length == 1 ? 0 : part.Shape[0];
        }

        return whole.MoveToOuterDisposeScope();
    }

    /// <summary>Reads one tensor in the element type in which it is stored, on the CPU. The caller owns it.</summary>
    /// <exception cref="CheckpointException">The tensor is missing, or has another shape or an unreadable dtype.</exception>
    internal Tensor TakeStored(string name, params long[] shape) =>
        Take([new WeightPart(name, shape)], Find(name, shape).CheckReadable(name), CPU);

    /// <summary>Finds one tensor like <see cref="Take"/>, but reads no values: the result has only a shape.</summary>
    /// <exception cref="CheckpointException">The tensor is missing, or has another shape or an unreadable dtype.</exception>
    public Tensor TakeShape(string name, ReadOnlySpan<long> shape)
    {
        Find(name, shape).CheckReadable(name);
        _taken.Add(name);
        return empty(shape.ToArray(), ScalarType.Float32, META);
    }

    /// <summary>Bytes of the weights by element type, as stored in the files.</summary>
    public IReadOnlyDictionary<string, long> BytesByDtype() => _files
        .SelectMany(file => file.Entries.Values)
        .GroupBy(entry => entry.Dtype)
        .ToDictionary(group => group.Key, group => group.Sum(entry => entry.ByteCount));

    /// <summary>The element type that most numbers are stored in, and the number of weights of all types.</summary>
    internal (string Dtype, long Count) MostlyStoredIn()
    {
        var counts = _files
            .SelectMany(file => file.Entries.Values)
            .GroupBy(entry => entry.Dtype)
            .Select(group => (Dtype: group.Key, Count: group.Sum(entry => entry.ElementCount)))
            .ToArray();
        return (counts.MaxBy(type => type.Count).Dtype ?? "", counts.Sum(type => type.Count));
    }

    /// <summary>Records a tensor as used without reading it, for example a copy of a shared tensor.</summary>
    public void Ignore(string name) => _taken.Add(name);

    /// <summary>
    /// Skips stored heads that the model does not use: a copy of tied embeddings, a reward model's output projection, and heads that
    /// training left in a language model.
    /// </summary>
    internal void IgnoreOutput(TransformerConfig config, bool withOutput)
    {
        const string Output = "lm_head.weight";
        if ((config.TieWordEmbeddings || !withOutput) && Contains(Output))
        {
            Ignore(Output);
        }

        foreach (string name in OtherHeads(withOutput))
        {
            Ignore(name);
        }
    }

    /// <summary>Tensors of heads that belong neither to the model nor to its decoder. They do not affect the output.</summary>
    /// <param name="isPolicy">Whether the model is a language model, which has no score head.</param>
    internal IEnumerable<string> OtherHeads(bool isPolicy) => Names.Where(name =>
        TrainingHeads.Any(head => name.StartsWith(head, StringComparison.Ordinal))
            || (isPolicy && name.StartsWith("score.", StringComparison.Ordinal)));

    /// <summary>Throws if the checkpoint has tensors that were not used: the model would differ from the trained one.</summary>
    /// <remarks>Old Llama checkpoints store rotary frequencies. They follow from config.json and are skipped.</remarks>
    /// <exception cref="CheckpointException">Some tensors were not used. The message names them.</exception>
    public void ThrowIfUnused()
    {
        var unused = _fileOf.Keys
            .Where(name => !_taken.Contains(name) && !name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (unused.Length > 0)
        {
            var more = unused.Length > MaxNamesInMessage ? $" and {unused.Length - MaxNamesInMessage} more" : "";
            throw new CheckpointException(
                _folder,
                $"the weights hold tensors that the architecture in config.json does not use: "
                + $"{string.Join(", ", unused.Take(MaxNamesInMessage).Select(name => $"'{name}'"))}{more}. "
                + "Check that config.json and the weights belong to one model.");
        }
    }

    /// <summary>Closes the files. Tensors that were read stay valid.</summary>
    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private SafetensorsFile Find(string name, ReadOnlySpan<long> shape)
    {
        var wanted = Format(shape.ToArray());
        if (!_fileOf.TryGetValue(name, out var file))
        {
            throw new CheckpointException(
                _folder,
                $"the weights have no tensor '{name}', which config.json calls for with shape {wanted}. "
                + "Check that config.json and the weights belong to one model.");
        }

        var stored = file.Entries[name].Shape;
        if (!shape.SequenceEqual(stored.ToArray()))
        {
            throw new CheckpointException(
                file.Path,
                $"tensor '{name}' has shape {Format(stored)}, but config.json calls for {wanted}. "
                + "Check that config.json and the weights belong to one model.");
        }

        return file;
    }

    private static string Format(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
