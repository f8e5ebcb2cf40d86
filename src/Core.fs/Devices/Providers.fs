namespace Functional

open System
open System.Collections.Concurrent
open System.IO
open System.Reflection
open Functional.Contract

/// The providers of backends that this process knows: those that were registered, and those of assemblies named Functional.*
/// that are loaded or lie beside this one. Nothing is looked for before somebody asks.
[<RequireQualifiedAccess>]
module internal Providers =
    /// Why an assembly that lies here brought nothing.
    type Failure = { Assembly: string; Reason: string }

    let private registered = ConcurrentQueue<IBackendProvider>()

    let register (provider: IBackendProvider) = registered.Enqueue provider

    let private isOurs (name: string | null) =
        match name with
        | null -> false
        | name -> name.StartsWith("Functional.", StringComparison.Ordinal)

    /// Names of assemblies that lie beside this one or the program.
    let private lyingHere () =
        let here = typeof<Tensor>.Assembly.Location

        [ AppContext.BaseDirectory
          if here <> "" then
              match Path.GetDirectoryName here with
              | null -> ()
              | folder -> folder ]
        |> List.distinct
        |> List.filter Directory.Exists
        |> List.collect (fun folder -> Directory.EnumerateFiles(folder, "Functional.*.dll") |> List.ofSeq)

    let private loaded () =
        AppDomain.CurrentDomain.GetAssemblies()
        |> Array.filter (fun assembly -> isOurs (assembly.GetName().Name))
        |> Array.toList

    /// An assembly by its file: the one that is loaded already, if there is one.
    let load (path: string) : Result<Assembly, Failure> =
        let name = Path.GetFileNameWithoutExtension path |> Option.ofObj |> Option.defaultValue ""

        try
            match loaded () |> List.tryFind (fun assembly -> assembly.GetName().Name = name) with
            | Some known -> Ok known
            | None ->
                // The host may know a better file of that name: packages hold one for this kind of machine.
                try
                    Ok(Assembly.Load(AssemblyName name))
                with :? FileNotFoundException ->
                    Ok(Assembly.LoadFrom path)
        with problem ->
            Error { Assembly = name; Reason = problem.Message }

    /// The providers that an assembly names.
    let broughtBy (assembly: Assembly) : Result<IBackendProvider list, Failure> =
        let make (attribute: BackendProviderAttribute) =
            match Activator.CreateInstance attribute.Provider with
            | :? IBackendProvider as provider -> provider
            | _ -> raise (UnsupportedException("provider", attribute.Provider.Name, "it does not implement IBackendProvider"))

        try
            Ok(assembly.GetCustomAttributes<BackendProviderAttribute>() |> Seq.map make |> List.ofSeq)
        with problem ->
            let name = assembly.GetName().Name |> Option.ofObj |> Option.defaultValue ""
            Error { Assembly = name; Reason = problem.Message }

    let private refusal result =
        match result with
        | Error failure -> Some failure
        | Ok _ -> None

    /// What lies around, found once.
    let private discovered =
        lazy
            (let files = lyingHere () |> List.map load
             let assemblies = loaded () @ (files |> List.choose Result.toOption) |> List.distinct
             let brought = assemblies |> List.map broughtBy
             let failures = List.choose refusal files @ List.choose refusal brought
             brought |> List.choose Result.toOption |> List.concat, failures)

    /// Every provider: those that were registered first. One that is registered and lies here too counts once.
    let all () =
        let identity (provider: IBackendProvider) =
            match box provider with
            | null -> typeof<IBackendProvider>, ""
            | known -> known.GetType(), provider.Kind

        Seq.toList registered @ fst discovered.Value |> List.distinctBy identity

    /// Assemblies that could not be asked, and why.
    let failures () = snd discovered.Value

    let private opened = ConcurrentDictionary<struct (IBackendProvider * int), Lazy<IBackend>>()

    /// The backend of a device of a provider: the same object each time.
    let openOf host (provider: IBackendProvider) index =
        opened.GetOrAdd(struct (provider, index), (fun _ -> lazy (provider.Open(index, host)))).Value
