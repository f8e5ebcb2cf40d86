global using Functional.Contract;
global using Buffer = Functional.Contract.Buffer;
