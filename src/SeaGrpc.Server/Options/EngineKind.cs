namespace SeaGrpc.Server.Options;

/// <summary>The engine that serves a policy outside the server.</summary>
public enum EngineKind
{
    /// <summary>vLLM: POST /v1/completions.</summary>
    Vllm,

    /// <summary>SGLang: POST /generate.</summary>
    Sglang,

    /// <summary>llama.cpp's server: POST /completion.</summary>
    LlamaCpp,
}
