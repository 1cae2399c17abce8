namespace SeaGrpc.Server.Options;

/// <summary>What answers at the address of a reward that runs outside the server.</summary>
public enum RemoteRewardKind
{
    /// <summary>A gRPC server with the contract's RewardService.</summary>
    Grpc,

    /// <summary>Text Embeddings Inference: POST /predict.</summary>
    Tei,

    /// <summary>vLLM with a classifier: POST /classify.</summary>
    VllmClassify,

    /// <summary>vLLM with a reward model: POST /pooling.</summary>
    VllmPooling,
}
