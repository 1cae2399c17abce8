using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies a little-endian 64-bit ELF library and sets VER_FLG_WEAK on one entry of its .gnu.version_r section, so that
/// the dynamic linker no longer refuses to load the library when that symbol version is absent.
/// A library without the entry is copied unchanged. Layout: the generic ABI's Elf64_Verneed and Elf64_Vernaux.
/// </summary>
public sealed class WeakenElfVersionNeed : Task
{
    private const uint SectionTypeVersionNeed = 0x6ffffffe;
    private const ushort VersionFlagWeak = 2;

    [Required] public string Source { get; set; }
    [Required] public string Destination { get; set; }
    [Required] public string VersionName { get; set; }

    public override bool Execute()
    {
        byte[] image = File.ReadAllBytes(Source);
        bool elf64 = image.Length > 64 && image[0] == 0x7f && image[1] == 'E' && image[2] == 'L' && image[3] == 'F'
            && image[4] == 2 && image[5] == 1;
        if (!elf64)
        {
            Log.LogError("{0} is not a little-endian 64-bit ELF library.", Source);
            return false;
        }

        bool found = Weaken(image);
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        // A new file each time: the output folders hold hard links to the old one.
        string temporary = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(temporary, image);
        if (File.Exists(Destination))
        {
            File.Delete(Destination);
        }

        File.Move(temporary, Destination);
        string outcome = found ? "{0}: {1} made weak." : "{0}: {1} is not needed; copied unchanged.";
        Log.LogMessage(MessageImportance.Normal, outcome, Source, VersionName);
        return true;
    }

    private bool Weaken(byte[] image)
    {
        long sections = BitConverter.ToInt64(image, 0x28);
        int sectionSize = BitConverter.ToUInt16(image, 0x3a);
        int sectionCount = BitConverter.ToUInt16(image, 0x3c);
        for (int i = 0; i < sectionCount; i++)
        {
            long header = sections + (long)i * sectionSize;
            if (BitConverter.ToUInt32(image, (int)header + 4) == SectionTypeVersionNeed)
            {
                long strings = sections + (long)BitConverter.ToUInt32(image, (int)header + 0x28) * sectionSize;
                long section = BitConverter.ToInt64(image, (int)header + 0x18);
                return WeakenSection(image, section, BitConverter.ToInt64(image, (int)strings + 0x18));
            }
        }

        return false;
    }

    private bool WeakenSection(byte[] image, long need, long strings)
    {
        while (true)
        {
            int count = BitConverter.ToUInt16(image, (int)need + 2);
            long aux = need + BitConverter.ToUInt32(image, (int)need + 8);
            for (int i = 0; i < count; i++)
            {
                int name = (int)(strings + BitConverter.ToUInt32(image, (int)aux + 8));
                int end = Array.IndexOf(image, (byte)0, name);
                if (Encoding.ASCII.GetString(image, name, end - name) == VersionName)
                {
                    image[aux + 4] |= (byte)VersionFlagWeak;
                    return true;
                }

                aux += BitConverter.ToUInt32(image, (int)aux + 12);
            }

            uint next = BitConverter.ToUInt32(image, (int)need + 12);
            if (next == 0)
            {
                return false;
            }

            need += next;
        }
    }
}
