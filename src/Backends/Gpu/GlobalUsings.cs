global using Functional.Contract;
global using Buffer = Functional.Contract.Buffer;
global using Device = Functional.Contract.Device;
