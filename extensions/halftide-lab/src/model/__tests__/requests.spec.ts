import { canResubmit, canWithdraw, RequestsModel } from '../requests';
import type { IRequestDetail, IRequestSummary, IStatus } from '../wire';

const summary = (id: string, state: string, updated_at = '1'): IRequestSummary =>
  ({ id, number: 1, title: id, state, updated_at }) as IRequestSummary;

class Server {
  list: IRequestSummary[] = [];
  down = false;
  asked: string[] = [];
  status = async (): Promise<IStatus> => ({ trouble: '' }) as IStatus;
  requests = async (): Promise<IRequestSummary[]> => {
    if (this.down) {
      throw new Error('does not answer');
    }
    return this.list;
  };
  request = async (id: string): Promise<IRequestDetail> => {
    this.asked.push(id);
    return this.list.find(request => request.id === id) as IRequestDetail;
  };
  withdraw = async (id: string): Promise<IRequestDetail> => summary(id, 'withdrawn', '9') as IRequestDetail;
}

it('tells of a request that moved, but not of those it meets for the first time', async () => {
  const server = new Server();
  const model = new RequestsModel(server);
  const moved: string[] = [];
  model.moved.connect((_, change) => moved.push(`${change.before}>${change.request.state}`));
  server.list = [summary('a', 'waiting')];
  await model.refresh();
  expect(moved).toEqual([]);
  server.list = [summary('b', 'checking'), summary('a', 'returned', '2')];
  await model.refresh();
  expect(moved).toEqual(['waiting>returned']);
  expect(model.isBusy).toBe(true);
});

it('keeps the last answer when the portal is silent, and says so', async () => {
  const server = new Server();
  const model = new RequestsModel(server);
  server.list = [summary('a', 'waiting')];
  await model.refresh();
  server.down = true;
  await expect(model.refresh()).rejects.toThrow('does not answer');
  expect(model.requests).toHaveLength(1);
  expect(model.failure).toBe('does not answer');
  server.down = false;
  await model.refresh();
  expect(model.failure).toBe('');
});

it('asks for the details of an opened request only when they changed', async () => {
  const server = new Server();
  const model = new RequestsModel(server);
  server.list = [summary('a', 'waiting'), summary('b', 'waiting')];
  await model.refresh();
  await model.open('a');
  await model.refresh();
  expect(server.asked).toEqual(['a']);
  server.list = [summary('a', 'returned', '2'), summary('b', 'returned', '2')];
  await model.refresh();
  expect(server.asked).toEqual(['a', 'a']);
  model.close('a');
  server.list = [summary('a', 'waiting', '3')];
  await model.refresh();
  expect(server.asked).toEqual(['a', 'a']);
});

it('shows a withdrawal at once and in its place', async () => {
  const server = new Server();
  const model = new RequestsModel(server);
  server.list = [summary('a', 'waiting'), summary('b', 'waiting')];
  await model.refresh();
  await model.withdraw('b');
  expect(model.requests?.map(request => `${request.id} ${request.state}`)).toEqual(['a waiting', 'b withdrawn']);
});

it('offers only what the state allows', () => {
  expect(canResubmit(summary('a', 'returned'))).toBe(true);
  expect(canResubmit(summary('a', 'in_review'))).toBe(false);
  expect(['checking', 'waiting', 'in_review', 'returned'].every(state => canWithdraw(summary('a', state)))).toBe(true);
  expect(['released', 'rejected', 'withdrawn', 'approved'].some(state => canWithdraw(summary('a', state)))).toBe(false);
});
