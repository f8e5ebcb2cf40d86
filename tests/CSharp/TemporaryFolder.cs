namespace Functional.Torch.Tests;

/// <summary>A folder that lasts as long as its use; its name ends with a separator.</summary>
static class TemporaryFolder
{
    public static void Use(Action<string> use) => Use(folder => { use(folder); return 0; });

    public static T Use<T>(Func<string, T> use)
    {
        var folder = Directory.CreateTempSubdirectory();
        try { return use(folder.FullName + Path.DirectorySeparatorChar); }
        finally { folder.Delete(recursive: true); }
    }
}
