using System.Text.Json;

namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>Reads JSON lines: one object a line; blank lines are left out.</summary>
internal static class JsonLineRecords
{
    /// <summary>The records, in order.</summary>
    /// <param name="text">The file.</param>
    public static IEnumerable<DatasetRecord> Read(string text)
    {
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Parse(line, number);
            }
        }
    }

    private static DatasetRecord Parse(string line, int number)
    {
        if (DatasetText.IsSpoilt(line))
        {
            return DatasetRecord.Bad(number, "it is not UTF-8");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return DatasetRecord.Bad(
                    number, $"it is a JSON {document.RootElement.ValueKind.ToString().ToLowerInvariant()}, not an object");
            }

            var fields = new Dictionary<string, string>();
            foreach (JsonProperty field in document.RootElement.EnumerateObject())
            {
                fields[field.Name] = field.Value.ValueKind switch
                {
                    JsonValueKind.String => field.Value.GetString()!,
                    JsonValueKind.Null => "",
                    _ => field.Value.GetRawText(),
                };
            }

            return new DatasetRecord(number, fields, null);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return DatasetRecord.Bad(number, "it is not JSON: " + error.Message);
        }
    }
}
