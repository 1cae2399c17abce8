using System.Text.Json;
using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Server.Engines;

/// <summary>
/// What one kind of engine takes and answers. A reply that is not as it must be is a <see cref="FormatException"/>, whose message ends a
/// sentence about the engine.
/// </summary>
internal interface IEngineApi
{
    /// <summary>Whether it tells log-probabilities of given tokens.</summary>
    bool ReadsRows { get; }

    /// <summary>
    /// Whether it tells the unchanged policy's log-probabilities of the tokens that it draws. Otherwise they are read afterwards.
    /// </summary>
    bool TellsDraws { get; }

    /// <summary>The path under the address that says which model is served.</summary>
    string ModelPath { get; }

    /// <summary>The model that is served.</summary>
    /// <param name="reply">The reply of <see cref="ModelPath"/>.</param>
    /// <param name="wanted">The name that it must have; null for the only one.</param>
    /// <exception cref="FormatException">It serves another model, or several.</exception>
    EngineModel Model(JsonElement reply, string? wanted);

    /// <summary>The request for the ids of a text, without special tokens around it.</summary>
    EngineRequest Tokenize(string text, string? model);

    /// <summary>The request for the continuation of a row.</summary>
    EngineRequest Continue(RowToContinue row, TokenDrawing drawing, string? model);

    /// <summary>What a reply says of the row's continuation.</summary>
    /// <exception cref="FormatException">The reply is not as it must be.</exception>
    EngineDraw Drawn(JsonElement reply, TokenDrawing drawing);

    /// <summary>The request for the figures of a given row.</summary>
    /// <exception cref="NotSupportedException">The engine does not tell them.</exception>
    EngineRequest Read(RowToRead row, int alternatives, string? model);

    /// <summary>What a reply says of a given row.</summary>
    /// <exception cref="FormatException">The reply is not as it must be.</exception>
    EngineReading Read(JsonElement reply, RowToRead row, int alternatives);
}
