using System.Text.Json;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Reads a key that holds one token id, a list of them, or null.</summary>
internal static class TokenIds
{
    internal static bool TryRead(JsonElement? value, out int[] ids)
    {
        ids = [];
        switch (value?.ValueKind)
        {
            case null or JsonValueKind.Null or JsonValueKind.Undefined:
                return true;
            case JsonValueKind.Number when value.Value.TryGetInt32(out var id) && id >= 0:
                ids = [id];
                return true;
            case JsonValueKind.Array:
                ids = new int[value.Value.GetArrayLength()];
                var index = 0;
                foreach (var item in value.Value.EnumerateArray())
                {
                    if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out ids[index]) || ids[index++] < 0)
                    {
                        return false;
                    }
                }

                return true;
            default:
                return false;
        }
    }
}
