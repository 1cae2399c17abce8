namespace SeaGrpc.Server.Intake;

/// <summary>A request whose bytes count, and which may have waited for a place to be prepared. A feature of its HttpContext.</summary>
internal interface IPreparation
{
    /// <summary>Reports that the request is prepared. From now on it holds only the bytes given here.</summary>
    /// <param name="bytes">Bytes of the request that it keeps until it ends; null for all of them.</param>
    /// <exception cref="Grpc.Core.RpcException">All requests together keep too much: RESOURCE_EXHAUSTED.</exception>
    void Prepared(long? bytes = null);
}
