using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>Sends a whole JSON document.</summary>
internal static class JsonReply
{
    /// <summary>Sends one, with its length.</summary>
    public static async Task SendAsync<T>(HttpContext context, T body, JsonTypeInfo<T> type)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(body, type);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
