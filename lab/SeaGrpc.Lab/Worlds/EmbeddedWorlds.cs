using SeaGrpc.Lab.Worlds.KeepYourWord;
using SeaGrpc.Lab.Worlds.MovingDay;

namespace SeaGrpc.Lab.Worlds;

/// <summary>The worlds that the project generates.</summary>
public static class EmbeddedWorlds
{
    /// <summary>Every world, the first and simplest one first.</summary>
    public static IReadOnlyList<IEmbeddedWorld> All { get; } = [new SupportDeskWorld(), new KeepYourWordWorld(), new MovingDayWorld()];

    /// <summary>The names of all worlds, for help texts and messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(world => world.Name));

    /// <summary>The world of a name.</summary>
    /// <exception cref="ArgumentException">There is no such world; the message lists the names.</exception>
    public static IEmbeddedWorld Find(string name) =>
        All.FirstOrDefault(world => world.Name == name) ?? throw new ArgumentException($"The world {name} is not known: use {Names}.");
}
